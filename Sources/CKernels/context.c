#include "context.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

// A worker spins this often before it sleeps, some 50 µs: the kernels of one forward pass follow each other faster.
enum { spins = 2000 };

struct worker {
    kernels_context *context;
    pthread_t thread;
    int32_t index;
};

struct kernels_context {
    enum kernels_instructions instructions;
    int32_t threads;
    struct worker *workers;
    void *scratch;
    size_t scratch_size;
    kernels_job *job;
    void *argument;
    pthread_mutex_t mutex;
    pthread_cond_t started, finished;
    // What threads spin on lies in cache lines of its own.
    _Alignas(64) _Atomic uint32_t generation;
    _Atomic bool stopping;
    _Alignas(64) _Atomic int32_t pending;
    _Alignas(64) _Atomic int32_t sleepers;
    _Atomic bool caller_sleeps;
};

static inline void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

// A sleeper says so before it looks once more, and who wakes it looks for sleepers after the change: in one total order
// of these (sequentially consistent) operations one of the two sees the other.

static uint32_t next_generation(kernels_context *context, uint32_t seen) {
    for (int i = 0; i < spins; i++) {
        uint32_t generation = atomic_load_explicit(&context->generation, memory_order_acquire);
        if (generation != seen) return generation;
        relax();
    }
    pthread_mutex_lock(&context->mutex);
    atomic_fetch_add(&context->sleepers, 1);
    uint32_t generation;
    while ((generation = atomic_load(&context->generation)) == seen)
        pthread_cond_wait(&context->started, &context->mutex);
    atomic_fetch_sub(&context->sleepers, 1);
    pthread_mutex_unlock(&context->mutex);
    return generation;
}

static void announce(kernels_context *context) {
    atomic_fetch_add(&context->generation, 1);
    if (atomic_load(&context->sleepers) == 0) return;
    pthread_mutex_lock(&context->mutex);
    pthread_cond_broadcast(&context->started);
    pthread_mutex_unlock(&context->mutex);
}

static void finish_share(kernels_context *context) {
    if (atomic_fetch_sub(&context->pending, 1) != 1 || !atomic_load(&context->caller_sleeps)) return;
    pthread_mutex_lock(&context->mutex);
    pthread_cond_signal(&context->finished);
    pthread_mutex_unlock(&context->mutex);
}

static void await_others(kernels_context *context) {
    for (int i = 0; i < spins; i++) {
        if (atomic_load_explicit(&context->pending, memory_order_acquire) == 0) return;
        relax();
    }
    pthread_mutex_lock(&context->mutex);
    atomic_store(&context->caller_sleeps, true);
    while (atomic_load(&context->pending) != 0) pthread_cond_wait(&context->finished, &context->mutex);
    atomic_store(&context->caller_sleeps, false);
    pthread_mutex_unlock(&context->mutex);
}

static void *work(void *argument) {
    struct worker *worker = argument;
    kernels_context *context = worker->context;
    uint32_t seen = 0;
    while (true) {
        seen = next_generation(context, seen);
        if (atomic_load_explicit(&context->stopping, memory_order_acquire)) return NULL;
        context->job(context->argument, worker->index, context->threads);
        finish_share(context);
    }
}

void kernels_run(kernels_context *context, kernels_job *job, void *argument) {
    if (context->threads == 1) {
        job(argument, 0, 1);
        return;
    }
    context->job = job;
    context->argument = argument;
    atomic_store_explicit(&context->pending, context->threads - 1, memory_order_relaxed);
    announce(context);
    job(argument, 0, context->threads);
    await_others(context);
}

static enum kernels_instructions instructions_of_processor(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("f16c"))
        return kernels_portable;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512vnni"))
        return kernels_avx512;
    return kernels_avx2;
#else
    return kernels_portable;
#endif
}

kernels_context *kernels_context_create(int32_t threads, enum kernels_instructions instructions) {
    if (threads < 1) threads = 1;
    kernels_context *context = aligned_alloc(64, sizeof *context);
    struct worker *workers = calloc((size_t)threads, sizeof *workers);
    if (context == NULL || workers == NULL) {
        free(context);
        free(workers);
        return NULL;
    }
    memset(context, 0, sizeof *context);
    enum kernels_instructions available = instructions_of_processor();
    context->instructions = instructions < available ? instructions : available;
    context->workers = workers;
    context->threads = threads;
    pthread_mutex_init(&context->mutex, NULL);
    pthread_cond_init(&context->started, NULL);
    pthread_cond_init(&context->finished, NULL);
    int32_t running = 1;
    while (running < threads) {
        struct worker *worker = &workers[running];
        *worker = (struct worker){.context = context, .index = running};
        if (pthread_create(&worker->thread, NULL, work, worker) != 0) break;
        running++;
    }
    // No job has been announced yet, so no worker has read the number.
    context->threads = running;
    return context;
}

void kernels_context_destroy(kernels_context *context) {
    if (context == NULL) return;
    atomic_store_explicit(&context->stopping, true, memory_order_release);
    announce(context);
    for (int32_t i = 1; i < context->threads; i++) pthread_join(context->workers[i].thread, NULL);
    pthread_mutex_destroy(&context->mutex);
    pthread_cond_destroy(&context->started);
    pthread_cond_destroy(&context->finished);
    free(context->scratch);
    free(context->workers);
    free(context);
}

void *kernels_scratch(kernels_context *context, size_t size) {
    if (size > context->scratch_size) {
        free(context->scratch);
        context->scratch_size = (size + (1 << 16) - 1) / (1 << 16) * (1 << 16);
        context->scratch = aligned_alloc(64, context->scratch_size);
        // As where the standard library runs out of memory: a caller could do nothing without it.
        if (context->scratch == NULL) abort();
    }
    return context->scratch;
}

int32_t kernels_context_threads(const kernels_context *context) { return context->threads; }

enum kernels_instructions kernels_context_instructions(const kernels_context *context) {
    return context->instructions;
}

// What the processor can do at most: the limits that the speed of the products is held against.
#include "context.h"
#include "vectors512.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { page_size = 4096, accumulators = 12, steps = 1 << 20 };

struct measurement {
    const kernels_context *context;
    const uint8_t *memory;
    int32_t pages;
    enum kernels_format format;
    /// Multiply-adds of a step, from thread 0.
    int32_t width;
    /// Where results go, so that no compiler leaves the work out.
    _Atomic uint64_t sink;
};

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/// The shortest of some runs of a job on all threads, in seconds.
static double shortest(kernels_context *context, kernels_job *job, struct measurement *measurement, int32_t rounds) {
    double best = 0;
    for (int32_t round = 0; round < rounds; round++) {
        double start = seconds();
        kernels_run(context, job, measurement);
        double time = seconds() - start;
        if (round == 0 || time < best) best = time;
    }
    return best;
}

static void read_pages(void *argument, int32_t index, int32_t count) {
    struct measurement *measurement = argument;
    int32_t first, end;
    kernels_share(measurement->pages, 1, index, count, &first, &end);
    typedef uint64_t words __attribute__((vector_size(32)));
    const words *word = (const words *)(measurement->memory + (size_t)first * page_size);
    const words *last = (const words *)(measurement->memory + (size_t)end * page_size);
    words sums[8] = {{0}};
    for (; word < last; word += 8)
        for (int i = 0; i < 8; i++) sums[i] += word[i];
    for (int i = 1; i < 8; i++) sums[0] += sums[i];
    measurement->sink += sums[0][0] + sums[0][1] + sums[0][2] + sums[0][3];
}

double kernels_read_bandwidth(kernels_context *context, size_t size, int32_t rounds) {
    struct measurement measurement = {.context = context, .pages = (int32_t)(size / page_size)};
    uint8_t *memory = measurement.pages > 0 ? aligned_alloc(page_size, (size_t)measurement.pages * page_size) : NULL;
    if (memory == NULL) return 0;
    memset(memory, 1, (size_t)measurement.pages * page_size);
    measurement.memory = memory;
    double time = shortest(context, read_pages, &measurement, rounds);
    free(memory);
    return time > 0 ? (double)measurement.pages * page_size / time : 0;
}

#if defined(__x86_64__)
// In each of these an empty statement between the steps hides from the compiler that they are all the same.
#define HIDE(x) __asm__ volatile("" : "+v"(x))
#define REPEAT(statement)                                                                                              \
    for (int step = 0; step < steps; step++)                                                                           \
        for (int i = 0; i < accumulators; i++) { statement; }

AVX512 static int32_t float_steps_avx512(void) {
    __m512 sums[accumulators] = {_mm512_setzero_ps()}, x = _mm512_set1_ps(1e-9f);
    REPEAT(sums[i] = _mm512_fmadd_ps(x, x, sums[i]); HIDE(sums[i]))
    return 16;
}

AVX512 static int32_t integer_steps_avx512(void) {
    __m512i sums[accumulators] = {_mm512_setzero_si512()}, x = _mm512_set1_epi16(1);
    REPEAT(sums[i] = _mm512_dpwssd_epi32(sums[i], x, x); HIDE(sums[i]))
    return 32;
}

AVX512 static int32_t byte_steps_avx512(void) {
    __m512i sums[accumulators] = {_mm512_setzero_si512()}, x = _mm512_set1_epi8(1);
    REPEAT(sums[i] = _mm512_dpbusd_epi32(sums[i], x, x); HIDE(sums[i]))
    return 64;
}

AVX2 static int32_t float_steps_avx2(void) {
    __m256 sums[accumulators] = {_mm256_setzero_ps()}, x = _mm256_set1_ps(1e-9f);
    REPEAT(sums[i] = _mm256_fmadd_ps(x, x, sums[i]); HIDE(sums[i]))
    return 8;
}

AVX2 static int32_t integer_steps_avx2(void) {
    __m256i sums[accumulators] = {_mm256_setzero_si256()}, x = _mm256_set1_epi16(1);
    REPEAT(HIDE(x); sums[i] = _mm256_add_epi32(sums[i], _mm256_madd_epi16(x, x)); HIDE(sums[i]))
    return 16;
}

AVX2 static int32_t byte_steps_avx2(void) {
    __m256i sums[accumulators] = {_mm256_setzero_si256()}, x = _mm256_set1_epi8(1);
    REPEAT(HIDE(x); sums[i] = _mm256_add_epi16(sums[i], _mm256_maddubs_epi16(x, x)); HIDE(sums[i]))
    return 32;
}
#endif

static void multiply_and_add(void *argument, int32_t index, int32_t count) {
    (void)count;
    struct measurement *measurement = argument;
    int32_t width = 0;
#if defined(__x86_64__)
    bool is_avx512 = kernels_context_instructions(measurement->context) >= kernels_avx512;
    if (kernels_context_instructions(measurement->context) >= kernels_avx2)
        switch (measurement->format) {
        case kernels_q8: width = is_avx512 ? integer_steps_avx512() : integer_steps_avx2(); break;
        case kernels_q4: width = is_avx512 ? byte_steps_avx512() : byte_steps_avx2(); break;
        default: width = is_avx512 ? float_steps_avx512() : float_steps_avx2(); break;
        }
#endif
    if (index == 0) measurement->width = width;
}

double kernels_peak_rate(kernels_context *context, enum kernels_format format) {
    struct measurement measurement = {.context = context, .format = format};
    double time = shortest(context, multiply_and_add, &measurement, 5);
    double work = 2.0 * measurement.width * accumulators * steps * kernels_context_threads(context);
    return time > 0 ? work / time : 0;
}

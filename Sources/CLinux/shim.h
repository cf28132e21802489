// What Swift's Glibc module leaves out.
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <pthread.h>
#include <sys/eventfd.h>

/// A counter that poll(2) can wait for: non-blocking and closed on exec.
static inline int linux_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

// Declared here because the module is compiled without _GNU_SOURCE when Glibc was imported first.
int pthread_setname_np(pthread_t thread, const char *name);

/// Names the calling thread (15 bytes are kept by the kernel).
static inline void linux_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

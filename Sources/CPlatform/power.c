#define _GNU_SOURCE
#include "PowerCalls.h"

#include <errno.h>
#include <linux/magic.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

double joulemark_thread_cpu_seconds(void) {
    struct timespec used;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (double)used.tv_sec + 1e-9 * (double)used.tv_nsec;
}

static double clock_seconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double joulemark_suspended_seconds(void) {
    double best = 0, least_gap = 1e9;
    // The thread may lose the processor between the clocks: the closest of a few pairs counts.
    for (int attempt = 0; attempt < 5 && least_gap > 1e-4; attempt++) {
        const double before = clock_seconds(CLOCK_MONOTONIC);
        const double boot = clock_seconds(CLOCK_BOOTTIME);
        const double after = clock_seconds(CLOCK_MONOTONIC);
        if (after - before >= least_gap) continue;
        least_gap = after - before;
        best = boot - (before + after) / 2;
    }
    return best;
}

static struct timespec moment(double seconds) {
    // As long as anyone waits, if no number of seconds that the clock can count is given.
    if (!(seconds < 1e15)) seconds = 1e15;
    struct timespec result = {.tv_sec = (time_t)seconds};
    result.tv_nsec = (long)((seconds - (double)result.tv_sec) * 1e9);
    return result;
}

void joulemark_sleep_until(double seconds) {
    if (!(seconds > 0)) return;
    const struct timespec until = moment(seconds);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
    }
}

struct joulemark_bell {
    pthread_mutex_t mutex;
    pthread_cond_t condition;
    int rung;
};

joulemark_bell *joulemark_bell_create(void) {
    joulemark_bell *bell = calloc(1, sizeof *bell);
    if (!bell) return NULL;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&bell->mutex, NULL);
    pthread_cond_init(&bell->condition, &attributes);
    pthread_condattr_destroy(&attributes);
    return bell;
}

void joulemark_bell_destroy(joulemark_bell *bell) {
    pthread_cond_destroy(&bell->condition);
    pthread_mutex_destroy(&bell->mutex);
    free(bell);
}

void joulemark_bell_wait(joulemark_bell *bell, double seconds) {
    if (!(seconds > 0)) return;
    const struct timespec until = moment(seconds);
    pthread_mutex_lock(&bell->mutex);
    while (!bell->rung && pthread_cond_timedwait(&bell->condition, &bell->mutex, &until) == 0) {
    }
    bell->rung = 0;
    pthread_mutex_unlock(&bell->mutex);
}

void joulemark_bell_ring(joulemark_bell *bell) {
    pthread_mutex_lock(&bell->mutex);
    bell->rung = 1;
    pthread_cond_signal(&bell->condition);
    pthread_mutex_unlock(&bell->mutex);
}

int joulemark_is_sysfs(const char *path) {
    struct statfs info;
    return statfs(path, &info) == 0 && info.f_type == SYSFS_MAGIC;
}

// glibc has no wrapper for perf_event_open.
int32_t joulemark_open_perf_counter(uint32_t type, uint64_t config, int32_t processor) {
    struct perf_event_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.size = sizeof attributes;
    attributes.type = type;
    attributes.config = config;
    const long descriptor = syscall(SYS_perf_event_open, &attributes, -1, processor, -1, PERF_FLAG_FD_CLOEXEC);
    return descriptor < 0 ? -errno : (int32_t)descriptor;
}

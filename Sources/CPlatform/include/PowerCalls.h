#ifndef JOULEMARK_POWER_CALLS_H
#define JOULEMARK_POWER_CALLS_H

#include <stdint.h>

/// Processor seconds that the calling thread has used.
double joulemark_thread_cpu_seconds(void);

/// Sleeps until CLOCK_MONOTONIC reads `seconds`; returns at once when it already does.
void joulemark_sleep_until(double seconds);

/// Seconds that the machine has slept since it was started: CLOCK_BOOTTIME counts them, CLOCK_MONOTONIC does not.
double joulemark_suspended_seconds(void);

/// A bell that one thread waits for and another rings.
typedef struct joulemark_bell joulemark_bell;

/// A new bell, or NULL without memory.
joulemark_bell *joulemark_bell_create(void);
void joulemark_bell_destroy(joulemark_bell *bell);

/// Waits until the bell is rung or CLOCK_MONOTONIC reads `seconds`. A ring that nobody waited for is not lost.
void joulemark_bell_wait(joulemark_bell *bell, double seconds);
void joulemark_bell_ring(joulemark_bell *bell);

/// 1 when `path` lies on the kernel's sysfs, 0 otherwise.
int joulemark_is_sysfs(const char *path);

/// Opens a counter of the performance monitoring unit `type` on `processor`, counting all processes.
/// Returns a file descriptor, or a negated errno.
int32_t joulemark_open_perf_counter(uint32_t type, uint64_t config, int32_t processor);

#endif

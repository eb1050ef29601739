#define _GNU_SOURCE
#include "Threads.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <malloc.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

void joulemark_futex_wait(const void *word, uint32_t expected) {
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, NULL, NULL, 0);
}

void joulemark_futex_wake_all(const void *word) {
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

// A set for as many processors as any kernel is built for (CONFIG_NR_CPUS_RANGE_END).
#define PROCESSORS 8192

int joulemark_allowed_processors(int32_t *numbers, int capacity) {
    cpu_set_t *set = CPU_ALLOC(PROCESSORS);
    if (set == NULL) return -1;
    const size_t size = CPU_ALLOC_SIZE(PROCESSORS);
    CPU_ZERO_S(size, set);
    int count = sched_getaffinity(0, size, set);
    for (int32_t number = 0; count >= 0 && number < PROCESSORS; number++) {
        if (!CPU_ISSET_S((size_t)number, size, set)) continue;
        if (count < capacity) numbers[count] = number;
        count++;
    }
    CPU_FREE(set);
    return count;
}

int joulemark_pin_to_processor(int32_t number) {
    if (number < 0 || number >= PROCESSORS) {
        errno = EINVAL;
        return -1;
    }
    cpu_set_t *set = CPU_ALLOC(PROCESSORS);
    if (set == NULL) return -1;
    const size_t size = CPU_ALLOC_SIZE(PROCESSORS);
    CPU_ZERO_S(size, set);
    CPU_SET_S((size_t)number, size, set);
    const int result = sched_setaffinity(0, size, set);
    CPU_FREE(set);
    return result;
}

void joulemark_renew_large_memory(void) {
#ifdef M_MMAP_THRESHOLD
    // Setting the threshold ends its growth by itself, which would keep freed blocks for the next allocation.
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
#endif
}

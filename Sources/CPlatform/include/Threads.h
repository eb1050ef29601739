#ifndef JOULEMARK_THREADS_H
#define JOULEMARK_THREADS_H

#include <stdint.h>

/// Sleeps while `*word` equals `expected`; may also wake without a cause.
void joulemark_futex_wait(const void *word, uint32_t expected);

/// Wakes every thread of this process that sleeps on `word`.
void joulemark_futex_wake_all(const void *word);

/// Numbers of the logical processors that the calling thread may run on, ascending. Returns how many there are, of
/// which at most `capacity` are stored, or -1 with errno.
int joulemark_allowed_processors(int32_t *numbers, int capacity);

/// Keeps the calling thread on one logical processor. Returns 0, or -1 with errno.
int joulemark_pin_to_processor(int32_t number);

/// Large blocks of memory are taken from the system and given back to it one by one, from now on: what is allocated
/// anew lies on other pages than what was freed before.
void joulemark_renew_large_memory(void);

/// Tells the processor that the calling thread spins.
static inline void joulemark_spin_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

#endif

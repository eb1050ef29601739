#ifndef JOULEMARK_SCHEDULING_H
#define JOULEMARK_SCHEDULING_H

#include <stdint.h>

/// From now on ``joulemark_processor_wait`` speaks of the threads that this process has now, and another process that
/// is named. For one thread's use.
void joulemark_watch_threads(void);

/// Names a process that works for this one, whose threads are watched too; 0: none.
void joulemark_watch_threads_of(int32_t process);

/// Nanoseconds that the watched threads were ready to run and waited for a processor, since they began; -1 when the
/// kernel keeps no such account (CONFIG_SCHED_INFO). What other work takes from a process shows here as time, and a
/// yield as next to nothing, where counts of involuntary switches take both for the same.
int64_t joulemark_processor_wait(void);

#endif

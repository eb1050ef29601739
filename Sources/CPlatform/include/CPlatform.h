#ifndef JOULEMARK_CPLATFORM_H
#define JOULEMARK_CPLATFORM_H

#include "NVMLTypes.h"
#include "PowerCalls.h"
#include "Processes.h"
#include "Scheduling.h"
#include "Threads.h"

#include <time.h>

/// Seconds of CLOCK_MONOTONIC, the clock that parent and workers share.
static inline double joulemark_monotonic_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/// A pipe whose ends no child inherits. Returns 0, or -1 with errno.
int joulemark_pipe(int ends[2]);

/// A pair of connected sockets that children do not inherit, as socketpair(2): unlike a pipe, whose reader is gone, one
/// can be written to without a signal. -1 leaves the reason in `errno`.
int joulemark_socket_pair(int ends[2]);

/// Columns of the terminal on `descriptor`, or 0 when it is none.
int joulemark_terminal_columns(int descriptor);

/// Has the kernel kill this process when its parent ends, however that happens.
void joulemark_die_with_parent(void);

/// From now on SIGINT, SIGTERM and SIGHUP are counted instead of ending the process, and SIGPIPE is ignored. A SIGHUP
/// that is ignored stays so.
void joulemark_note_interruptions(void);

/// How many of those signals have come.
int joulemark_interruption_count(void);

#endif

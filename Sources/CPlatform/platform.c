#define _GNU_SOURCE
#include "CPlatform.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

int joulemark_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int joulemark_socket_pair(int ends[2]) {
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -1;
    // Who does not read for so long will not answer either, and must not hold up who writes.
    const struct timeval limit = {.tv_sec = 60};
    for (int end = 0; end < 2; end++) setsockopt(ends[end], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    return 0;
}

void joulemark_die_with_parent(void) { prctl(PR_SET_PDEATHSIG, SIGKILL); }

static volatile sig_atomic_t interruptions;

static void note_interruption(int signal_number) {
    (void)signal_number;
    interruptions = interruptions + 1;
}

void joulemark_note_interruptions(void) {
    struct sigaction action = {.sa_handler = note_interruption};
    sigaction(SIGINT, &action, 0);
    sigaction(SIGTERM, &action, 0);
    // A terminal that goes away ends the run in order too, unless nohup said to go on.
    struct sigaction before;
    const int is_kept = sigaction(SIGHUP, 0, &before) == 0 && before.sa_handler == SIG_IGN;
    if (!is_kept) sigaction(SIGHUP, &action, 0);
    signal(SIGPIPE, SIG_IGN);
    // Whoever started this process may have blocked them, and a mask is inherited.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_UNBLOCK, &signals, 0);
}

int joulemark_interruption_count(void) { return interruptions; }

int joulemark_terminal_columns(int descriptor) {
    struct winsize size;
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

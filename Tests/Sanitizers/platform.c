// Every function of Sources/CPlatform once and more, with arguments that are usual and arguments that are not, for the
// sanitizers: what they find ends this program.
#define _GNU_SOURCE
#include "CPlatform.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#define EXPECT(condition)                                                                                              \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                            \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

static pid_t start(const char *script, int leads_session, uint64_t memory_limit) {
    char *arguments[] = {"sh", "-c", (char *)script, NULL};
    const joulemark_launch launch = {
        .executable = "/bin/sh",
        .arguments = arguments,
        .environment = environ,
        .input = 0,
        .output = 1,
        .errors = 2,
        .leads_session = leads_session,
        .memory_limit = memory_limit};
    return joulemark_spawn(&launch);
}

static void processes(void) {
    for (int leads_session = 0; leads_session < 2; leads_session++) {
        const pid_t child = start("sleep 100 & sleep 100", leads_session, 1 << 30);
        EXPECT(child > 0 && joulemark_has_ended(child) == 0);
        const int ending = joulemark_open_process(child);
        if (ending >= 0) close(ending);
        if (leads_session) joulemark_kill_session(child);
        kill(-child, SIGKILL);
        EXPECT(waitpid(child, NULL, 0) == child && joulemark_has_ended(child) == 1);
    }
    const joulemark_launch absent = {
        .executable = "/nowhere", .arguments = environ, .environment = environ, .input = 0, .output = 1, .errors = 2};
    EXPECT(joulemark_spawn(&absent) == -ENOENT);
    const joulemark_launch closed = {
        .executable = "/bin/sh", .arguments = environ, .environment = environ, .input = -1, .output = 1, .errors = 2};
    EXPECT(joulemark_spawn(&closed) == -EBADF);
    int ends[2];
    EXPECT(joulemark_pipe(ends) == 0 && close(ends[0]) == 0 && close(ends[1]) == 0);
    EXPECT(joulemark_socket_pair(ends) == 0 && close(ends[0]) == 0 && close(ends[1]) == 0);
}

static joulemark_bell *bell;

static void *wait_for_bell(void *unused) {
    (void)unused;
    for (int i = 0; i < 2000; i++) joulemark_bell_wait(bell, joulemark_monotonic_seconds() + 1e-4 * (i % 3));
    joulemark_bell_wait(bell, 1e300);
    return NULL;
}

static uint32_t word;

static void *wait_for_word(void *unused) {
    (void)unused;
    while (__atomic_load_n(&word, __ATOMIC_ACQUIRE) == 0) joulemark_futex_wait(&word, 0);
    return NULL;
}

static void threads(void) {
    pthread_t waiting, reading;
    EXPECT((bell = joulemark_bell_create()) != NULL);
    EXPECT(pthread_create(&waiting, NULL, wait_for_bell, NULL) == 0);
    for (int i = 0; i < 2000; i++) joulemark_bell_ring(bell);
    EXPECT(pthread_create(&reading, NULL, wait_for_word, NULL) == 0);
    joulemark_watch_threads_of(getppid());
    for (int i = 0; i < 20; i++) {
        joulemark_watch_threads();
        joulemark_processor_wait();
    }
    __atomic_store_n(&word, 1, __ATOMIC_RELEASE);
    joulemark_futex_wake_all(&word);
    EXPECT(pthread_join(reading, NULL) == 0);
    // Until the last, which has no end of its own.
    while (pthread_tryjoin_np(waiting, NULL) != 0) joulemark_bell_ring(bell);
    joulemark_bell_destroy(bell);
}

static void clocks(void) {
    const double odd[] = {0, -1, 1e-300, 0.9999999999999999, NAN, -INFINITY};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) joulemark_sleep_until(odd[i]);
    joulemark_sleep_until(joulemark_monotonic_seconds() + 1e-3);
    EXPECT(joulemark_thread_cpu_seconds() > 0 && joulemark_suspended_seconds() > -1);
    EXPECT(joulemark_is_sysfs("/nowhere") == 0);
    joulemark_is_sysfs("/sys");
    const int32_t counter = joulemark_open_perf_counter(UINT32_MAX, UINT64_MAX, 0);
    EXPECT(counter < 0);
}

static void processors(void) {
    static int32_t numbers[8192];
    const int count = joulemark_allowed_processors(numbers, 8192);
    EXPECT(
        count > 0 && joulemark_allowed_processors(numbers, 1) == count
        && joulemark_allowed_processors(NULL, 0) == count);
    const int32_t odd[] = {-1, INT32_MIN, INT32_MAX, 8192};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) EXPECT(joulemark_pin_to_processor(odd[i]) == -1);
    EXPECT(joulemark_pin_to_processor(numbers[0]) == 0);
}

static void end_of_privileges(void) {
    joulemark_die_with_parent();
    joulemark_note_interruptions();
    raise(SIGTERM);
    EXPECT(joulemark_interruption_count() == 1);
    EXPECT(joulemark_terminal_columns(-1) == 0);
    joulemark_renew_large_memory();
    joulemark_use_files_as(getuid(), getgid());
    joulemark_yield_memory();
    if (geteuid() == 0) EXPECT(joulemark_become(65534, 65534, "nobody") == 0);
    EXPECT(joulemark_renounce() == 0);
    EXPECT(joulemark_become(0, 0, "root") != 0);
}

// What runs between vfork and another program is not for the sanitizer that looks for races: it hangs there.
#if defined(__SANITIZE_THREAD__)
static const int starts_processes = 0;
#else
static const int starts_processes = 1;
#endif

int main(void) {
    if (starts_processes) processes();
    threads();
    clocks();
    processors();
    end_of_privileges();
    puts("all of Sources/CPlatform was called");
    return 0;
}

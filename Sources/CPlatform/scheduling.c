#define _GNU_SOURCE
#include "Scheduling.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Threads of a worker: a driver's pool has one a processor, of which the first this many are watched.
#define THREADS 1024

static int watched[THREADS];
static int watched_count;
static int32_t watched_process;

void joulemark_watch_threads_of(int32_t process) { watched_process = process; }

static void watch(const char *folder) {
    DIR *tasks = opendir(folder);
    if (tasks == NULL) return;
    struct dirent *task;
    while (watched_count < THREADS && (task = readdir(tasks)) != NULL) {
        if (task->d_name[0] == '.') continue;
        char path[96];
        snprintf(path, sizeof path, "%.40s/%.20s/schedstat", folder, task->d_name);
        const int file = open(path, O_RDONLY | O_CLOEXEC);
        if (file >= 0) watched[watched_count++] = file;
    }
    closedir(tasks);
}

void joulemark_watch_threads(void) {
    while (watched_count > 0) close(watched[--watched_count]);
    watch("/proc/self/task");
    if (watched_process <= 0) return;
    char folder[40];
    snprintf(folder, sizeof folder, "/proc/%d/task", (int)watched_process);
    watch(folder);
}

int64_t joulemark_processor_wait(void) {
    int64_t sum = watched_count > 0 ? 0 : -1;
    for (int thread = 0; thread < watched_count; thread++) {
        // "time on a processor, time ready but waiting for one, turns": nanoseconds and a count.
        char text[64];
        const ssize_t length = pread(watched[thread], text, sizeof text - 1, 0);
        if (length <= 0) continue;  // the thread has ended
        text[length] = 0;
        const char *second = strchr(text, ' ');
        if (second == NULL) return -1;
        sum += strtoll(second, NULL, 10);
    }
    return sum;
}

// Stands between the program and the C library and has one call fail, the n-th of its name in one process: what a full
// disk, a quota, a file system that went read-only or a lack of descriptors does, at every place where it can.
//
// JOULEMARK_CALL=NAME:ERRNO:N. Only the process that runs `profile` is meant, or with JOULEMARK_CALL_IN=worker each
// worker: whatever else is started is spared. The call that fails leaves a file named by JOULEMARK_CALL_FAILED.
//
// Memory is refused to C alone, by JOULEMARK_CALLERS=FIRST-END,...: hexadecimal places in the program's file as it is
// mapped. Swift has no way to go on without.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char wanted[32];
static int wanted_error, wanted_count;
static atomic_int calls;
static pid_t chosen;
static uintptr_t base, callers[64][2];
static int caller_count;

static int first_object(struct dl_phdr_info *object, size_t size, void *place) {
    (void)size;
    *(uintptr_t *)place = object->dlpi_addr;
    return 1;
}

__attribute__((constructor)) static void begin(void) {
    const char *plan = getenv("JOULEMARK_CALL");
    char command[4096] = {0};
    const int file = (int)syscall(SYS_openat, AT_FDCWD, "/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    const long length = file < 0 ? 0 : syscall(SYS_read, file, command, sizeof command - 1);
    if (file >= 0) syscall(SYS_close, file);
    // The name, then the first argument.
    const char *where = getenv("JOULEMARK_CALL_IN");
    if (!plan || length <= 0 || strcmp(command + strlen(command) + 1, where ? where : "profile") != 0) return;
    const char *error = strchr(plan, ':'), *count = error ? strchr(error + 1, ':') : NULL;
    if (!count || (size_t)(error - plan) >= sizeof wanted) return;
    memcpy(wanted, plan, (size_t)(error - plan));
    wanted_error = atoi(error + 1);
    wanted_count = atoi(count + 1);
    dl_iterate_phdr(first_object, &base);
    for (const char *range = getenv("JOULEMARK_CALLERS"); range && caller_count < 64; caller_count++) {
        char *end;
        callers[caller_count][0] = strtoull(range, &end, 16);
        callers[caller_count][1] = strtoull(end + 1, &end, 16);
        range = *end == ',' ? end + 1 : NULL;
    }
    chosen = getpid();
}

static int is_meant(const void *caller) {
    const uintptr_t place = (uintptr_t)caller - base;
    for (int i = 0; i < caller_count; i++)
        if (callers[i][0] <= place && place < callers[i][1]) return 1;
    return 0;
}

static int fails(const char *name) {
    if (wanted_count == 0 || strcmp(name, wanted) != 0 || getpid() != chosen) return 0;
    if (atomic_fetch_add(&calls, 1) + 1 != wanted_count) return 0;
    const char *note = getenv("JOULEMARK_CALL_FAILED");
    const int file = note ? (int)syscall(SYS_openat, AT_FDCWD, note, O_WRONLY | O_CREAT | O_CLOEXEC, 0644) : -1;
    if (file >= 0) syscall(SYS_close, file);
    errno = wanted_error;
    return 1;
}

#define REAL(name, type) ((type)dlsym(RTLD_NEXT, #name))

typedef ssize_t (*write_type)(int, const void *, size_t);
typedef ssize_t (*pwrite_type)(int, const void *, size_t, off64_t);
typedef int (*file_type)(int);
typedef int (*path_type)(const char *, const char *);
typedef int (*open_type)(const char *, int, ...);

ssize_t write(int file, const void *bytes, size_t count) {
    return fails("write") ? -1 : REAL(write, write_type)(file, bytes, count);
}
ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t place) {
    return fails("pwrite") ? -1 : REAL(pwrite64, pwrite_type)(file, bytes, count, place);
}
ssize_t pwrite(int file, const void *bytes, size_t count, off_t place) { return pwrite64(file, bytes, count, place); }
int fsync(int file) { return fails("fsync") ? -1 : REAL(fsync, file_type)(file); }
int fdatasync(int file) { return fails("fdatasync") ? -1 : REAL(fdatasync, file_type)(file); }
int rename(const char *from, const char *to) { return fails("rename") ? -1 : REAL(rename, path_type)(from, to); }
int mkdir(const char *path, mode_t mode) {
    typedef int (*type)(const char *, mode_t);
    return fails("mkdir") ? -1 : REAL(mkdir, type)(path, mode);
}
char *mkdtemp(char *template) {
    typedef char *(*type)(char *);
    return fails("mkdtemp") ? NULL : REAL(mkdtemp, type)(template);
}
int mkstemp(char *template) {
    typedef int (*type)(char *);
    return fails("mkstemp") ? -1 : REAL(mkstemp, type)(template);
}
int ftruncate(int file, off_t length) {
    typedef int (*type)(int, off_t);
    return fails("ftruncate") ? -1 : REAL(ftruncate, type)(file, length);
}
int ftruncate64(int file, off64_t length) {
    typedef int (*type)(int, off64_t);
    return fails("ftruncate") ? -1 : REAL(ftruncate64, type)(file, length);
}
int fchmod(int file, mode_t mode) {
    typedef int (*type)(int, mode_t);
    return fails("fchmod") ? -1 : REAL(fchmod, type)(file, mode);
}
int flock(int file, int operation) {
    typedef int (*type)(int, int);
    return fails("flock") ? -1 : REAL(flock, type)(file, operation);
}
int pipe2(int ends[2], int flags) {
    typedef int (*type)(int *, int);
    return fails("pipe2") ? -1 : REAL(pipe2, type)(ends, flags);
}
int socketpair(int domain, int type, int protocol, int ends[2]) {
    typedef int (*function)(int, int, int, int *);
    return fails("socketpair") ? -1 : REAL(socketpair, function)(domain, type, protocol, ends);
}

static mode_t mode_of(int flags, va_list arguments) {
    return flags & (O_CREAT | __O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
}
int open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return fails("open") ? -1 : REAL(open, open_type)(path, flags, mode);
}
int open64(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return fails("open") ? -1 : REAL(open64, open_type)(path, flags, mode);
}

// The C library's own names for these, which looking the next ones up may itself want.
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);

#define REFUSES_MEMORY (wanted_count > 0 && is_meant(__builtin_return_address(0)) && fails("malloc"))

void *malloc(size_t bytes) { return REFUSES_MEMORY ? NULL : __libc_malloc(bytes); }
void *calloc(size_t count, size_t bytes) { return REFUSES_MEMORY ? NULL : __libc_calloc(count, bytes); }
void *realloc(void *memory, size_t bytes) { return REFUSES_MEMORY ? NULL : __libc_realloc(memory, bytes); }

// Sets of processors. hwloc does not look whether it was given one.
cpu_set_t *__sched_cpualloc(size_t count) {
    typedef cpu_set_t *(*type)(size_t);
    return wanted_count > 0 && is_meant(__builtin_return_address(0)) && fails("cpualloc")
        ? NULL
        : REAL(__sched_cpualloc, type)(count);
}
int sched_getaffinity(pid_t process, size_t size, cpu_set_t *set) {
    typedef int (*type)(pid_t, size_t, cpu_set_t *);
    return fails("getaffinity") ? -1 : REAL(sched_getaffinity, type)(process, size, set);
}
int sched_setaffinity(pid_t process, size_t size, const cpu_set_t *set) {
    typedef int (*type)(pid_t, size_t, const cpu_set_t *);
    return fails("setaffinity") ? -1 : REAL(sched_setaffinity, type)(process, size, set);
}
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument) {
    typedef int (*type)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    return fails("pthread_create") ? wanted_error : REAL(pthread_create, type)(thread, attributes, run, argument);
}
void *aligned_alloc(size_t alignment, size_t bytes) {
    typedef void *(*type)(size_t, size_t);
    return fails("aligned_alloc") ? NULL : REAL(aligned_alloc, type)(alignment, bytes);
}
DIR *opendir(const char *path) {
    typedef DIR *(*type)(const char *);
    return fails("opendir") ? NULL : REAL(opendir, type)(path);
}
int dup(int file) { return fails("dup") ? -1 : REAL(dup, file_type)(file); }
int dup2(int file, int other) {
    typedef int (*type)(int, int);
    return fails("dup2") ? -1 : REAL(dup2, type)(file, other);
}

#define _GNU_SOURCE
#include "Processes.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// What the child does before it is another program. It shares the parent's memory until then.
static int become(const joulemark_launch *launch, pid_t parent) {
    struct sigaction standard = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++) sigaction(number, &standard, 0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, 0);
    if (launch->leads_session ? setsid() < 0 : setpgid(0, 0) != 0) return errno;
    if (dup2(launch->input, 0) < 0 || dup2(launch->output, 1) < 0 || dup2(launch->errors, 2) < 0) return errno;
    if (launch->memory_limit > 0) joulemark_limit_memory(launch->memory_limit);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) return ESRCH;
    execve(launch->executable, launch->arguments, launch->environment);
    return errno;
}

pid_t joulemark_spawn(const joulemark_launch *launch) {
    // No handler of the parent's may run in the child, which has the parent's memory.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t parent = getpid();
    volatile int failure = 0;
    const pid_t child = vfork();
    if (child == 0) {
        failure = become(launch, parent);
        _exit(127);
    }
    const int refused = child < 0 ? errno : failure;
    if (child > 0 && refused != 0) waitpid(child, 0, 0);
    pthread_sigmask(SIG_SETMASK, &before, 0);
    return refused != 0 ? -refused : child;
}

int joulemark_open_process(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }

int joulemark_has_ended(pid_t child) {
    siginfo_t information = {0};
    if (waitid(P_PID, (id_t)child, &information, WEXITED | WNOHANG | WNOWAIT) != 0) return errno == ECHILD;
    return information.si_pid == child;
}

// The session that a process belongs to, field 6 of /proc/PID/stat; 0 when it is gone.
static pid_t session_of(const char *process) {
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%.20s/stat", process);
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    const ssize_t count = read(file, text, sizeof text - 1);
    close(file);
    if (count <= 0) return 0;
    text[count] = 0;
    // The name before it is in parentheses, and may hold some.
    const char *const rest = strrchr(text, ')');
    pid_t session = 0;
    if (!rest || sscanf(rest + 1, " %*c %*d %*d %d", &session) != 1) return 0;
    return session;
}

void joulemark_kill_session(pid_t leader) {
    kill(-leader, SIGKILL);
    DIR *const folder = opendir("/proc");
    if (!folder) return;
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (!isdigit((unsigned char)entry->d_name[0])) continue;
        const pid_t process = (pid_t)atoi(entry->d_name);
        if (process != getpid() && session_of(entry->d_name) == leader) kill(process, SIGKILL);
    }
    closedir(folder);
}

void joulemark_yield_memory(void) {
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    const int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file < 0) return;
    if (write(file, "1000", 4) != 4) { /* Where the kernel refuses, it chooses as it would have. */
    }
    close(file);
}

void joulemark_limit_memory(uint64_t bytes) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_DATA, &limit) != 0) return;
    if (bytes < limit.rlim_max) limit.rlim_max = bytes;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_DATA, &limit);
}

// What executing a program could give back. Refused to a process without CAP_SETPCAP, which has nothing to lose by
// this.
static void forgo_capabilities(void) {
    for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
        prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
}

int joulemark_become(uid_t user, gid_t group, const char *name) {
    // While this is root's process still.
    forgo_capabilities();
    if (initgroups(name, group) != 0 || setresgid(group, group, group) != 0 || setresuid(user, user, user) != 0)
        return -1;
    // Else /proc/self would be root's, and drivers look there.
    return prctl(PR_SET_DUMPABLE, 1);
}

int joulemark_renounce(void) {
    forgo_capabilities();
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3];
    memset(none, 0, sizeof none);
    if (syscall(SYS_capset, &header, none) != 0) return -1;
    // Last, so that a process that has given up this has given up all.
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

void joulemark_use_files_as(uid_t user, gid_t group) {
    // To another group while the user may still choose it.
    if (user == 0) {
        setfsuid(user);
        setfsgid(group);
    } else {
        setfsgid(group);
        setfsuid(user);
    }
}

#ifndef JOULEMARK_PROCESSES_H
#define JOULEMARK_PROCESSES_H

#include <stdint.h>
#include <sys/types.h>

/// How a child process is started: see ``joulemark_spawn``.
typedef struct {
    const char *executable;
    char *const *arguments;
    char *const *environment;
    /// Descriptors that become the child's standard input, output and error.
    int input, output, errors;
    /// 1: the child leads a session of its own, else a process group of its own.
    int leads_session;
    /// Bytes of memory that the child and each of its children may have to itself; 0: as many as the parent.
    uint64_t memory_limit;
} joulemark_launch;

/// Starts a child that the kernel kills when the thread that started it ends, with default signals, none of them
/// blocked. Returns its process number, or a negated errno.
pid_t joulemark_spawn(const joulemark_launch *launch);

/// A descriptor that becomes readable when the process ends, or -1 where the kernel has none (before Linux 5.3).
int joulemark_open_process(pid_t process);

/// 1 when a child has ended. It stays to be reaped, so that its number is still its own.
int joulemark_has_ended(pid_t child);

/// Kills all processes of the session that `leader` leads or led, but not the calling one. The leader must not be
/// reaped yet.
void joulemark_kill_session(pid_t leader);

/// From now on no memory dump is written, and this process is the first that a system without memory kills.
void joulemark_yield_memory(void);

/// Limits the memory that this process may have to itself (RLIMIT_DATA).
void joulemark_limit_memory(uint64_t bytes);

/// Becomes an ordinary user with the groups that the user has. Returns 0, or -1 with errno.
int joulemark_become(uid_t user, gid_t group, const char *name);

/// Gives up all capabilities, and with them all that this process and its children could gain by executing a program.
/// Returns 0, or -1 with errno.
int joulemark_renounce(void);

/// As whom the calling thread uses files: the user and the group.
void joulemark_use_files_as(uid_t user, gid_t group);

#endif

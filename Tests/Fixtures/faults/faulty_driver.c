// A driver that fails, lies or hangs: preloaded into the program under test, it stands between it and the functions of
// OpenCL and Vulkan that the program looks up by name.
//
// JOULEMARK_FAULT is FUNCTION:KIND:CALL. From the CALL-th call on (1 is the first) of FUNCTION in a process, KIND
//   happens: error=CODE  the function returns CODE and does nothing idle        the function returns 0 and does
//   nothing, but makes the event that it was asked for crash       the process dies of a segmentation fault hang
//   the call never returns end         a profiling event ends at the last moment that a clock can show fast=N      the
//   device's times are N times what they were; a fraction makes its clock slow JOULEMARK_FAULT_KERNEL: of
//   clEnqueueNDRangeKernel, the calls alone that are for this kernel. JOULEMARK_FAULT_ONCE names a file: the fault
//   happens in the process alone that can make it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef long (*any_function)(long, long, long, long, long, long, long, long, long, long, long, long);
typedef void *(*lookup)(void *, const char *);

static lookup real_dlsym, real_instance_lookup, real_device_lookup;
static any_function real, marker, kernel_info;
static char function[64], kind[64];
static long first = 1, calls;
static int is_active = -1;

static void *find(void *handle, const char *name) {
    static const char *const versions[] = {"GLIBC_2.34", "GLIBC_2.17", "GLIBC_2.2.5"};
    for (int i = 0; i < 3 && !real_dlsym; i++) real_dlsym = (lookup)dlvsym(RTLD_NEXT, "dlsym", versions[i]);
    return real_dlsym(handle, name);
}

static void configure(void) {
    if (is_active >= 0) return;
    const char *fault = getenv("JOULEMARK_FAULT");
    is_active = fault && sscanf(fault, "%63[^:]:%63[^:]:%ld", function, kind, &first) == 3;
}

/// Whether the fault happens at this call.
static int happens(void) {
    if (++calls < first) return 0;
    const char *once = getenv("JOULEMARK_FAULT_ONCE");
    static int is_mine = -1;
    if (once && is_mine < 0) is_mine = open(once, O_CREAT | O_EXCL | O_WRONLY, 0600) >= 0;
    return !once || is_mine;
}

static long faulty(long a, long b, long c, long d, long e, long f, long g, long h, long i, long j, long k, long l) {
    const char *wanted = getenv("JOULEMARK_FAULT_KERNEL");
    char name[256] = "";
    // CL_KERNEL_FUNCTION_NAME
    if (wanted && kernel_info) kernel_info(b, 0x1190, sizeof name, (long)name, 0, 0, 0, 0, 0, 0, 0, 0);
    if ((wanted && strcmp(name, wanted)) || !happens()) return real(a, b, c, d, e, f, g, h, i, j, k, l);
    if (!strncmp(kind, "error=", 6)) return atol(kind + 6);
    if (!strcmp(kind, "crash")) raise(11);
    while (!strcmp(kind, "hang")) pause();
    if (!strcmp(kind, "idle")) {
        // clEnqueueNDRangeKernel(queue, kernel, dimensions, offset, global, local, count, events, event)
        if (!strncmp(function, "clEnqueueNDRange", 16) && i) return marker(a, 0, 0, i, 0, 0, 0, 0, 0, 0, 0, 0);
        return 0;
    }
    const long result = real(a, b, c, d, e, f, g, h, i, j, k, l);
    if (!strcmp(function, "clGetEventProfilingInfo")) {
        uint64_t *time = (uint64_t *)d;
        if (time && !strcmp(kind, "end")) *time = b == 0x1283 ? UINT64_MAX : 1;
        if (time && !strncmp(kind, "fast=", 5)) *time = (uint64_t)((double)*time * atof(kind + 5));
    }
    if (!strcmp(function, "vkGetQueryPoolResults") && !strncmp(kind, "fast=", 5)) {
        uint64_t *times = (uint64_t *)f;
        for (long n = 0; n < e / 8; n++) times[n] = (uint64_t)((double)times[n] * atof(kind + 5));
    }
    return result;
}

static void *wrapped(void *found, const char *name) {
    configure();
    if (!found || !is_active || strcmp(name, function)) return found;
    real = (any_function)found;
    return (void *)faulty;
}

static void *instance_lookup(void *instance, const char *name);

static void *device_lookup(void *device, const char *name) { return wrapped(real_device_lookup(device, name), name); }

static void *vulkan(void *found, const char *name) {
    if (!strcmp(name, "vkGetInstanceProcAddr") && found) {
        real_instance_lookup = (lookup)found;
        return (void *)instance_lookup;
    }
    if (!strcmp(name, "vkGetDeviceProcAddr") && found) {
        real_device_lookup = (lookup)found;
        return (void *)device_lookup;
    }
    return wrapped(found, name);
}

static void *instance_lookup(void *instance, const char *name) {
    return vulkan(real_instance_lookup(instance, name), name);
}

/// The program's own look-ups: a loader's and a driver's go their way.
void *dlsym(void *handle, const char *name) {
    void *found = find(handle, name);
    Dl_info info;
    void *caller = __builtin_return_address(0);
    static char program[4096];
    if (!program[0] && readlink("/proc/self/exe", program, sizeof program - 1) <= 0) program[0] = '?';
    if (!dladdr(caller, &info) || !info.dli_fname || strcmp(info.dli_fname, program)) {
        // dladdr gives a program's name as it was called.
        char path[4096];
        if (!info.dli_fname || !realpath(info.dli_fname, path) || strcmp(path, program)) return found;
    }
    if (!strcmp(name, "clEnqueueNDRangeKernel")) {
        marker = (any_function)find(handle, "clEnqueueMarkerWithWaitList");
        kernel_info = (any_function)find(handle, "clGetKernelInfo");
    }
    return vulkan(found, name);
}

#include "joulemark_stage.h"

#include <string.h>

// The linker defines these around the section that JOULEMARK_STAGE fills.
extern const joulemark_stage *const __start_joulemark_stages[] __attribute__((visibility("hidden")));
extern const joulemark_stage *const __stop_joulemark_stages[] __attribute__((visibility("hidden")));

const joulemark_stage *const *joulemark_stages(size_t *count) {
    *count = (size_t)(__stop_joulemark_stages - __start_joulemark_stages);
    return __start_joulemark_stages;
}

int joulemark_supports(const char *instructionSet) {
#if defined(__x86_64__)
    // These ask CPUID, and XGETBV for what the operating system saves.
    __builtin_cpu_init();
    const int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    if (strcmp(instructionSet, "avx2") == 0) return avx2;
    if (strcmp(instructionSet, "avx512") == 0)
        return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
            && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
    return strcmp(instructionSet, "baseline") == 0;
#elif defined(__aarch64__)
    return strcmp(instructionSet, "neon") == 0;
#else
    return strcmp(instructionSet, "baseline") == 0;
#endif
}

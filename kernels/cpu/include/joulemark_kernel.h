// What a CPU kernel is written with. A stage is one C file, `kernels/<family>/<strategy>/<stage>.c`:
//
//     #include "joulemark_kernel.h"
//
//     JOULEMARK_STAGE(peak_bandwidth, "peak-bandwidth", "scale", "scale", "f32", 2, 1, 0) {
//         const float *from = call->buffers[0];
//         float *to = call->buffers[1];
//         ... the work-group (x, y, z), in vectors of type jm_vec ...
//     }
//
// The first inclusion of this header compiles the whole file once more for each instruction set that is wider than the
// compiler's default; the program chooses among the copies by what the processor has. So write ordinary C, with
// - `jm_vec`, a vector of JM_LANES floats, and `jm_ivec`, as many int32: arithmetic and comparisons work on whole
//   vectors, and `a * b + c` becomes one fused multiply-add where there is one;
// - names at file scope (functions, types) written `JM(name)`, or `#define name JM(name)` once and `name` from then on:
//   each copy of the file needs names of its own;
// - no include guard in headers that use vectors; the same rules hold there.
//
// Compiles with clang and with gcc. A kernel outside the program: cc -O2 -shared -fPIC -I<this folder> <absolute path>.

#ifndef JOULEMARK_KERNEL_ONCE
#define JOULEMARK_KERNEL_ONCE

#include <stddef.h>
#include <stdint.h>

#include "joulemark_stage.h"

#define JM_PASTE_EXPANDED(a, b) a##_##b
#define JM_PASTE(a, b) JM_PASTE_EXPANDED(a, b)
#define JM_TEXT_EXPANDED(a) #a
#define JM_TEXT(a) JM_TEXT_EXPANDED(a)

/// `name`, in this copy of the file.
#define JM(name) JM_PASTE(name, JM_ISA)

#define JM_INLINE static inline __attribute__((always_inline, unused))

#if defined(__clang__)
#define JM_UNROLL _Pragma("clang loop unroll(full)")
#else
#define JM_UNROLL _Pragma("GCC unroll 64")
#endif

#if defined(__has_attribute)
#if __has_attribute(retain)
#define JM_KEEP __attribute__((used, retain, section("joulemark_stages")))
#endif
#endif
#ifndef JM_KEEP
#define JM_KEEP __attribute__((used, section("joulemark_stages")))
#endif

/// Defines and registers a stage. What follows is its body, with `call`, `x`, `y`, `z` and `scratch` as parameters.
///
/// - FAMILY, STRATEGY, STAGE, PRECISION: their names, as strings.
/// - BUFFERS, ARGUMENTS: how many tensors and how many values (the family's parameters and the stage's scalars) it takes.
/// - SCRATCH: an expression for the bytes that a thread needs to itself, in which `call` is known.
///
/// Registration is a pointer in the section `joulemark_stages`, which the linker gathers from all files: there is no list.
#define JOULEMARK_STAGE(FAMILY, STRATEGY, STAGE, PRECISION, BUFFERS, ARGUMENTS, SCRATCH)                                \
    static size_t JM(joulemark_scratch)(__attribute__((unused)) const joulemark_call *call) { return (SCRATCH); }      \
    static void JM(joulemark_run)(const joulemark_call *, uint32_t, uint32_t, uint32_t, void *);                       \
    static const joulemark_stage JM(joulemark_description) = {                                                         \
        FAMILY, STRATEGY, STAGE, PRECISION, JM_TEXT(JM_ISA), BUFFERS, ARGUMENTS, JM(joulemark_scratch),                \
        JM(joulemark_run)};                                                                                            \
    JM_KEEP static const joulemark_stage *const JM(joulemark_registration) = &JM(joulemark_description);               \
    static void JM(joulemark_run)(                                                                                     \
        __attribute__((unused)) const joulemark_call *call, __attribute__((unused)) uint32_t x,                        \
        __attribute__((unused)) uint32_t y, __attribute__((unused)) uint32_t z, __attribute__((unused)) void *scratch)

#if defined(__x86_64__)

#define JM_ISA avx512
#define JM_LANES 16
#define JM_REGISTERS 32
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma,f16c"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma,f16c")
#endif
#include __BASE_FILE__
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#undef JM_ISA
#undef JM_LANES
#undef JM_REGISTERS

#define JM_ISA avx2
#define JM_LANES 8
#define JM_REGISTERS 16
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c")
#endif
#include __BASE_FILE__
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#undef JM_ISA
#undef JM_LANES
#undef JM_REGISTERS

#endif

// The file itself, after the copies: what every processor of this architecture has.
#if defined(__aarch64__)
#define JM_ISA neon
#define JM_REGISTERS 32
#else
#define JM_ISA baseline
#define JM_REGISTERS 16
#endif
#define JM_LANES 4

#endif

#include "joulemark_vector.h"

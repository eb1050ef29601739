// What a CPU kernel is written with. A stage is one C file, `kernels/<family>/<strategy>/<stage>.c`:
//
//     #include "peak-bandwidth/scale/scale.bindings.h"
//
//     JOULEMARK_STAGE(0) {
//         const float *from = jm_tensors_of(call)->x;
//         const int count = jm_arguments_of(call)->N;
//         ... the work-group (x, y, z), in vectors of type jm_vec ...
//     }
//
// The bindings are made from family.json and strategy.json. They include this header, and name
// - `jm_tensors_of(call)->q`, the stage's tensors, with their types;
// - `jm_arguments_of(call)->scale`, the family's parameters and the stage's scalars;
// - `jm_constants_of(call)->ITEMS`, tunables and constants. A constant that depends on nothing is a macro,
//   `GROUP_ROWS`.
//
// The first inclusion of this header compiles the whole file once more for each instruction set that is wider than the
// compiler's default, in each of the strategy's precisions; the program chooses among the copies by what the processor
// has. So write ordinary C, with
// - `jm_vec`, a vector of JM_LANES floats, and `jm_ivec`, as many int32: arithmetic and comparisons work on whole
//   vectors, and `a * b + c` becomes one fused multiply-add where there is one;
// - `jm_stored`, an element as the tensors hold it, moved by `jm_read` and `jm_write` and their relatives in
//   joulemark_storage.h, which convert 16-bit storage (in hardware where it can, else exactly in integers) and cost
//   nothing in the copies for f32. Arithmetic is float32 in all of them. Tensors that have a type of their own in the
//   definitions ("f32", "i32") stay `float` and `int32_t`;
// - names at file scope (functions, types) written `JM(name)`, or `#define name JM(name)` once and `name` from then on:
//   each copy of the file needs names of its own;
// - no include guard in headers that use vectors; the same rules hold there.
//
// Compiles with clang and with gcc.

#ifndef JOULEMARK_KERNEL_ONCE
#define JOULEMARK_KERNEL_ONCE

#if !defined(JM_BINDINGS)
#error include the stage's "<family>/<strategy>/<stage>.bindings.h" instead: it names what the stage binds
#endif

#include <stddef.h>
#include <stdint.h>

#include "joulemark_stage.h"

#define JM_PASTE_EXPANDED(a, b) a##_##b
#define JM_PASTE(a, b) JM_PASTE_EXPANDED(a, b)
#define JM_TEXT_EXPANDED(a) #a
#define JM_TEXT(a) JM_TEXT_EXPANDED(a)

/// `name`, in this copy of the file.
#define JM(name) JM_PASTE(JM_PASTE(name, JM_ISA), JM_PRECISION)

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

/// Defines and registers the stage of the bindings. What follows is its body, with `call`, `x`, `y`, `z` and `scratch`
/// as parameters.
///
/// - SCRATCH: an expression for the bytes that a thread needs to itself, in which `call` is known.
///
/// Registration is a pointer in the section `joulemark_stages`, which the linker gathers from all files: there is no
/// list.
#define JOULEMARK_STAGE(SCRATCH)                                                                                       \
    static size_t JM(joulemark_scratch)(__attribute__((unused)) const joulemark_call *call) { return (SCRATCH); }      \
    static void JM(joulemark_run)(const joulemark_call *, uint32_t, uint32_t, uint32_t, void *);                       \
    static const joulemark_stage JM(joulemark_description) = {                                                         \
        JM_FAMILY,        JM_STRATEGY,     JM_STAGE,          JM_TEXT(JM_PRECISION),                                   \
        JM_TEXT(JM_ISA),  JM_BUFFER_COUNT, JM_ARGUMENT_COUNT, JM(joulemark_scratch),                                   \
        JM(joulemark_run)};                                                                                            \
    JM_KEEP static const joulemark_stage *const JM(joulemark_registration) = &JM(joulemark_description);               \
    static void JM(joulemark_run)(                                                                                     \
        __attribute__((unused)) const joulemark_call *call, __attribute__((unused)) uint32_t x,                        \
        __attribute__((unused)) uint32_t y, __attribute__((unused)) uint32_t z, __attribute__((unused)) void *scratch)

// What every processor of this architecture has. The file itself, after its copies, is compiled for that and f32.
#if defined(__aarch64__)
#define JM_BASE_ISA neon
#define JM_BASE_REGISTERS 32
#else
#define JM_BASE_ISA baseline
#define JM_BASE_REGISTERS 16
#endif
#define JM_BASE_LANES 4

// A precision a block; the file itself, after its copies, is the last one's.
#if JM_STORES_bf16
#define JM_PRECISION bf16
#define JM_STORES_BF16
#include "joulemark_copies.h"
#undef JM_STORES_BF16
#undef JM_PRECISION
#endif

#if JM_STORES_f16
#define JM_PRECISION f16
#define JM_STORES_F16
#include "joulemark_copies.h"
#undef JM_STORES_F16
#undef JM_PRECISION
#endif

#define JM_PRECISION f32
#define JM_STORES_F32
#include "joulemark_copies.h"
#define JM_ISA JM_BASE_ISA
#define JM_LANES JM_BASE_LANES
#define JM_REGISTERS JM_BASE_REGISTERS

#endif

#include "joulemark_vector.h"

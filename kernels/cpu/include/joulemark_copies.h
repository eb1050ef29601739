// Included by joulemark_kernel.h, once a precision: the file once more for each wider instruction set, and, where it is
// not the last precision, for the compiler's default.

#if defined(__x86_64__)

#define JM_ISA avx512
#define JM_LANES 16
#define JM_REGISTERS 32
#define JM_HAS_F16C
#if defined(__clang__)
#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma,f16c"))), apply_to = function)
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
#undef JM_HAS_F16C

#endif

#if !defined(JM_STORES_F32)
#define JM_ISA JM_BASE_ISA
#define JM_LANES JM_BASE_LANES
#define JM_REGISTERS JM_BASE_REGISTERS
#include __BASE_FILE__
#undef JM_ISA
#undef JM_LANES
#undef JM_REGISTERS
#endif

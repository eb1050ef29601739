// Included by joulemark_kernel.h, once a precision: the file once more for each wider instruction set.

#if defined(__x86_64__)

#define JM_ISA avx512
#define JM_LANES 16
#define JM_REGISTERS 32
#define JM_HAS_F16C
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
#undef JM_HAS_F16C

#endif

// Transposition in registers. Include after joulemark_kernel.h, once a copy.

// The low half of a step of a transposition: blocks of `half` lanes of a, each followed by the same of b; the high half
// is what is left.
#undef jm_low_8
#undef jm_high_8
#undef jm_low_4
#undef jm_high_4
#undef jm_low_2
#undef jm_high_2
#undef jm_low_1
#undef jm_high_1
#if JM_LANES == 16
#define jm_low_8(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
#define jm_high_8(a, b) __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31)
#define jm_low_4(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27)
#define jm_high_4(a, b) __builtin_shufflevector(a, b, 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31)
#define jm_low_2(a, b) __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
#define jm_high_2(a, b) __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31)
#define jm_low_1(a, b) __builtin_shufflevector(a, b, 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30)
#define jm_high_1(a, b) __builtin_shufflevector(a, b, 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31)
#elif JM_LANES == 8
#define jm_low_4(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11)
#define jm_high_4(a, b) __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15)
#define jm_low_2(a, b) __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define jm_high_2(a, b) __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15)
#define jm_low_1(a, b) __builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14)
#define jm_high_1(a, b) __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15)
#else
#define jm_low_2(a, b) __builtin_shufflevector(a, b, 0, 1, 4, 5)
#define jm_high_2(a, b) __builtin_shufflevector(a, b, 2, 3, 6, 7)
#define jm_low_1(a, b) __builtin_shufflevector(a, b, 0, 4, 2, 6)
#define jm_high_1(a, b) __builtin_shufflevector(a, b, 1, 5, 3, 7)
#endif

#define jm_transpose JM(jm_transpose)
#define jm_exchange(half)                                                                                              \
    JM_UNROLL for (int row = 0; row < JM_LANES; row++) {                                                               \
        if (row & half) continue;                                                                                      \
        const jm_vec low = rows[row], high = rows[row + half];                                                         \
        rows[row] = jm_low_##half(low, high);                                                                          \
        rows[row + half] = jm_high_##half(low, high);                                                                  \
    }

/// Transposes JM_LANES vectors in place: 24 shuffles for 64 elements where vectors have 8.
JM_INLINE void jm_transpose(jm_vec rows[JM_LANES]) {
#if JM_LANES == 16
    jm_exchange(8);
#endif
#if JM_LANES >= 8
    jm_exchange(4);
#endif
    jm_exchange(2);
    jm_exchange(1);
}
#undef jm_exchange

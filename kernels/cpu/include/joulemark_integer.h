// Products of integers in vectors. Include after the stage's bindings.

#define jm_word_vec JM(jm_word_vec)
#define jm_short_vec JM(jm_short_vec)
#define jm_loose_words JM(jm_loose_words)
#define jm_pair_products JM(jm_pair_products)

typedef int32_t jm_word_vec __attribute__((vector_size(4 * JM_LANES)));
typedef int16_t jm_short_vec __attribute__((vector_size(4 * JM_LANES)));
typedef int32_t jm_loose_words __attribute__((vector_size(4 * JM_LANES), aligned(4)));

/// Each lane: the product of the low halves plus that of the high halves.
JM_INLINE jm_word_vec jm_pair_products(jm_word_vec a, jm_word_vec b) {
#if defined(__x86_64__) && JM_LANES == 4
    return (jm_word_vec)__builtin_ia32_pmaddwd128((jm_short_vec)a, (jm_short_vec)b);
#elif defined(__x86_64__) && JM_LANES == 8
    return (jm_word_vec)__builtin_ia32_pmaddwd256((jm_short_vec)a, (jm_short_vec)b);
#elif defined(__x86_64__) && defined(__clang__)
    return (jm_word_vec)__builtin_ia32_pmaddwd512((jm_short_vec)a, (jm_short_vec)b);
#else
    return (a << 16 >> 16) * (b << 16 >> 16) + (a >> 16) * (b >> 16);
#endif
}

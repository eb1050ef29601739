#include "peak-int8-dot/dot/dot.bindings.h"
#include "joulemark_integer.h"

// Four integers take two products of pairs in 16 bits and two additions, as the stages of matmul's q8 multiply them.
// Both form a chain of about ten cycles: 12 chains fill two units for products where there are 16 registers, and 24
// where there are 32.
#define CHAINS (JM_REGISTERS == 32 ? 24 : 12)

#define run_chains JM(run_chains)

JM_INLINE void run_chains(const int chains, const int32_t *from, int32_t *to, int32_t sum, int repetitions) {
    // −1 times the low half of a word, and 1 times it; the sum in two parts, so that each product has an addition.
    const jm_word_vec minus = (jm_word_vec){0} + 0xFFFF, plus = (jm_word_vec){0} + 1;
    const jm_word_vec second = (jm_word_vec){0} + sum / 2, first = (jm_word_vec){0} + sum - second;
    jm_word_vec value[CHAINS];
    JM_UNROLL for (int i = 0; i < chains; i++) value[i] = *(const jm_loose_words *)(from + i * JM_LANES);
    for (int r = 0; r < repetitions; r++) {
        JM_UNROLL for (int i = 0; i < chains; i++) value[i] = jm_pair_products(value[i], minus) + first;
        JM_UNROLL for (int i = 0; i < chains; i++) value[i] = jm_pair_products(value[i], plus) + second;
    }
    JM_UNROLL for (int i = 0; i < chains; i++) * (jm_loose_words *)(to + i * JM_LANES) = value[i];
}

JOULEMARK_STAGE(0) {
    const int32_t *from = jm_tensors_of(call)->x + (size_t)x * GROUP_ELEMENTS;
    int32_t *to = jm_tensors_of(call)->y + (size_t)x * GROUP_ELEMENTS;
    const int repetitions = jm_arguments_of(call)->R, sum = jm_arguments_of(call)->C;
    int i = 0;
    for (; i + CHAINS * JM_LANES <= GROUP_ELEMENTS; i += CHAINS * JM_LANES)
        run_chains(CHAINS, from + i, to + i, sum, repetitions);
    for (; i + 8 * JM_LANES <= GROUP_ELEMENTS; i += 8 * JM_LANES) run_chains(8, from + i, to + i, sum, repetitions);
    for (; i < GROUP_ELEMENTS; i += JM_LANES) run_chains(1, from + i, to + i, sum, repetitions);
}

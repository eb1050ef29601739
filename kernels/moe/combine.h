// y = Σ weight · rows over a token's slots, which lie next to each other. Include after joulemark_kernel.h.

#define moe_combine JM(moe_combine)

/// COMBINE_TOKENS tokens. Sums stay in registers; each row is read once, in vectors.
JM_INLINE void moe_combine(const joulemark_call *call, uint32_t index) {
    const int tokens = jm_arguments_of(call)->T, chosen = jm_arguments_of(call)->topk;
    const int size = jm_arguments_of(call)->K;
    const int first = (int)index * COMBINE_TOKENS;
    for (int token = first; token < first + COMBINE_TOKENS && token < tokens; token++) {
        const jm_stored *rows = jm_tensors_of(call)->rows + (ptrdiff_t)token * chosen * size;
        const jm_stored *weights = jm_tensors_of(call)->weight + (ptrdiff_t)token * chosen;
        jm_stored *y = jm_tensors_of(call)->y + (ptrdiff_t)token * size;
        for (int column = 0; column < size; column += JM_LANES) {
            const int count = size - column < JM_LANES ? size - column : JM_LANES;
            jm_vec sum = (jm_vec){0};
            for (int choice = 0; choice < chosen; choice++)
                sum += jm_splat(jm_read_one(weights + choice))
                    * jm_read_some(rows + (ptrdiff_t)choice * size + column, count);
            jm_write_some(y + column, sum, count);
        }
    }
}

// y = Σ weight · rows over a token's slots, which lie next to each other. Include after joulemark_kernel.h.
#define COMBINE_TOKENS 8

#define moe_combine JM(moe_combine)

/// COMBINE_TOKENS tokens. Sums stay in registers; each row is read once, in vectors.
JM_INLINE void moe_combine(const joulemark_call *call, uint32_t index) {
    const int tokens = call->arguments[0].integer, chosen = call->arguments[2].integer;
    const int size = call->arguments[3].integer;
    const int first = (int)index * COMBINE_TOKENS;
    for (int token = first; token < first + COMBINE_TOKENS && token < tokens; token++) {
        const jm_stored *rows = (const jm_stored *)call->buffers[0] + (ptrdiff_t)token * chosen * size;
        const jm_stored *weights = (const jm_stored *)call->buffers[1] + (ptrdiff_t)token * chosen;
        jm_stored *y = (jm_stored *)call->buffers[2] + (ptrdiff_t)token * size;
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

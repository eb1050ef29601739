// y = sum of a[r mod 2] * b^T, R times: products of a warp's 16 x 64 sums, 32 deep, whose operands stay in registers.
// Eight independent chains a warp, and many warps, hide the latency.
#include "../opencl/mma.cl"

#define DEPTH 32
#ifdef MMA_INT8
#define STEPS 1
#else
#define STEPS 2
#endif
// Words of a row.
#define STRIDE (2 * STEPS)
#define PLACE_B (2 * 16 * STRIDE)
#define OPERAND_WORDS (PLACE_B + 64 * STRIDE)

JOULEMARK_STAGE {
    __local uint4 operands[OPERAND_WORDS];
    MMA_EXCHANGE;
    const int item = get_local_id(0), lane = item % 32;
    for (int i = item; i < OPERAND_WORDS; i += WORK_GROUP_SIZE_X)
        operands[i] = i < PLACE_B ? ((__global const uint4 *)a)[i] : ((__global const uint4 *)b)[i - PLACE_B];
    barrier(CLK_LOCAL_MEM_FENCE);

    mma_operand left[2 * STEPS], right[4 * STEPS];
    MMA_LOOP for (int i = 0; i < 2 * STEPS; ++i)
        mma_load_a(&left[i], operands + i / STEPS * 16 * STRIDE + i % STEPS * 2, STRIDE);
    MMA_LOOP for (int i = 0; i < 4 * STEPS; ++i)
        mma_load_transposed_b(&right[i], operands + PLACE_B + i / STEPS * 16 * STRIDE + i % STEPS * 2, STRIDE);
    mma_sum sums[4];
    MMA_LOOP for (int n = 0; n < 4; ++n) mma_clear(&sums[n]);
    for (int r = 0; r < R; r += 2) {
        MMA_LOOP for (int i = 0; i < 2 * STEPS; ++i) {
            MMA_LOOP for (int n = 0; n < 4; ++n) mma_add(&sums[n], left[i], right[n * STEPS + i % STEPS], exchange);
        }
    }

    y += get_group_id(0) * (size_t)GROUP_ELEMENTS + item / 32 * 16 * 64;
    MMA_LOOP for (int n = 0; n < 4; ++n) for (int i = 0; i < 8; ++i)
        y[MMA_ROW(lane, i) * 64 + 16 * n + MMA_COLUMN(lane, i)] = sums[n].s[i];
}

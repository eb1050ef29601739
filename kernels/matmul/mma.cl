// c = a * b on NVIDIA's matrix units. A work-group has BLOCK_ROWS x BLOCK_COLUMNS of the result, of which each of its
// warps has a part in registers; the depth goes by in slices through local memory, STAGES of them, of which all but the
// one that is multiplied are on their way. Rows there are longer by 16 bytes, which spreads them over the banks.
#include "../opencl/mma.cl"

#define STRIDE_A (SLICE / 8 + 1)
#define STRIDE_B (BLOCK_COLUMNS / 8 + 1)
#define PLACE_B (BLOCK_ROWS * STRIDE_A)
#define STAGE_WORDS (PLACE_B + SLICE * STRIDE_B)
#define PART_ROWS (BLOCK_ROWS / WARP_ROWS)
#define PART_COLUMNS (BLOCK_COLUMNS / WARP_COLUMNS)
#define SUM_ROWS (PART_ROWS / 16)
#define SUM_COLUMNS (PART_COLUMNS / 16)

// Eight elements of a row from a place on, of which `count` are there; zeros for the others. Where rows begin at a
// multiple of 16 bytes, they come on their own.
INLINED void fetch_word(__local uint4 *to, __global const stored *from, size_t place, int count, int isWide) {
    if (isWide) {
        mma_fetch(to, (__global const uint4 *)(from + (count > 0 ? place : 0)), count > 0);
        return;
    }
    __global const ushort *bits = (__global const ushort *)from + place;
    uint words[4];
#pragma unroll
    for (int i = 0; i < 4; ++i) {
        words[i] = 2 * i < count ? bits[2 * i] : 0;
        if (2 * i + 1 < count) words[i] |= (uint)bits[2 * i + 1] << 16;
    }
    *to = (uint4)(words[0], words[1], words[2], words[3]);
}

// A slice of both operands, from step k0 of the depth on.
INLINED void fetch_slice(
    __local uint4 *stage, __global const stored *a, __global const stored *b, int row0, int column0, int k0, int M,
    int N, int K) {
    const int item = get_local_id(0);
#pragma unroll
    for (int i = item; i < BLOCK_ROWS * (SLICE / 8); i += WORK_GROUP_SIZE_X) {
        const int row = i / (SLICE / 8), k = k0 + i % (SLICE / 8) * 8;
        fetch_word(
            stage + row * STRIDE_A + i % (SLICE / 8), a, (size_t)(row0 + row) * K + k, row0 + row < M ? K - k : 0,
            WIDE_ROWS_A);
    }
#pragma unroll
    for (int i = item; i < SLICE * (BLOCK_COLUMNS / 8); i += WORK_GROUP_SIZE_X) {
        const int row = i / (BLOCK_COLUMNS / 8), k = k0 + row, column = column0 + i % (BLOCK_COLUMNS / 8) * 8;
        fetch_word(
            stage + PLACE_B + row * STRIDE_B + i % (BLOCK_COLUMNS / 8), b, (size_t)k * N + column,
            k < K ? N - column : 0, WIDE_ROWS_B);
    }
}

INLINED void multiply_slice(
    mma_sum *sums, __local const uint4 *stage, int partRow, int partColumn, __local uint *exchange) {
    MMA_LOOP for (int k = 0; k < SLICE; k += 16) {
        mma_operand left[SUM_ROWS];
        MMA_LOOP for (int i = 0; i < SUM_ROWS; ++i)
            mma_load_a(&left[i], stage + (partRow + 16 * i) * STRIDE_A + k / 8, STRIDE_A);
        MMA_LOOP for (int j = 0; j < SUM_COLUMNS; ++j) {
            mma_operand right;
            mma_load_b(&right, stage + PLACE_B + k * STRIDE_B + partColumn / 8 + 2 * j, STRIDE_B);
            MMA_LOOP for (int i = 0; i < SUM_ROWS; ++i) mma_add(&sums[i * SUM_COLUMNS + j], left[i], right, exchange);
        }
    }
}

// Two elements of a row, those that lie inside.
INLINED void store_pair(__global stored *c, int row, int column, float first, float second, int M, int N) {
    if (row >= M) return;
    const size_t place = (size_t)row * N + column;
    if (WIDE_ROWS_C) {
        if (column < N) ((__global uint *)c)[place / 2] = mma_stored(first, second);
        return;
    }
    if (column < N) STORE1(c, place, first);
    if (column + 1 < N) STORE1(c, place + 1, second);
}

JOULEMARK_STAGE {
    __local uint4 stages[STAGES * STAGE_WORDS];
    MMA_EXCHANGE;
    const int row0 = get_group_id(1) * BLOCK_ROWS, column0 = get_group_id(0) * BLOCK_COLUMNS;
    const int warp = get_local_id(0) / 32, lane = get_local_id(0) % 32;
    const int partRow = warp / WARP_COLUMNS * PART_ROWS, partColumn = warp % WARP_COLUMNS * PART_COLUMNS;

    mma_sum sums[SUM_ROWS * SUM_COLUMNS];
    MMA_LOOP for (int i = 0; i < SUM_ROWS * SUM_COLUMNS; ++i) mma_clear(&sums[i]);
    for (int stage = 0; stage < STAGES - 1; ++stage) {
        if (stage * SLICE < K) fetch_slice(stages + stage * STAGE_WORDS, a, b, row0, column0, stage * SLICE, M, N, K);
        mma_close();
    }
    int read = 0, write = STAGES - 1;
    for (int k0 = 0; k0 < K; k0 += SLICE) {
        mma_arrived(STAGES - 2);
        // After this, nobody reads the stage before any more, which is written next.
        barrier(CLK_LOCAL_MEM_FENCE);
        const int ahead = k0 + (STAGES - 1) * SLICE;
        if (ahead < K) fetch_slice(stages + write * STAGE_WORDS, a, b, row0, column0, ahead, M, N, K);
        mma_close();
        multiply_slice(sums, stages + read * STAGE_WORDS, partRow, partColumn, exchange);
        read = read == STAGES - 1 ? 0 : read + 1;
        write = write == STAGES - 1 ? 0 : write + 1;
    }

    MMA_LOOP for (int i = 0; i < SUM_ROWS; ++i) {
        MMA_LOOP for (int j = 0; j < SUM_COLUMNS; ++j) {
            MMA_LOOP for (int e = 0; e < 8; e += 2) store_pair(
                c, row0 + partRow + 16 * i + MMA_ROW(lane, e), column0 + partColumn + 16 * j + MMA_COLUMN(lane, e),
                sums[i * SUM_COLUMNS + j].s[e], sums[i * SUM_COLUMNS + j].s[e + 1], M, N);
        }
    }
}

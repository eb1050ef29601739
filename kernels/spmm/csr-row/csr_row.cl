// A work-item has one row and its columns of b; the lanes of a row read the same indices and values, and neighbouring
// columns. Four elements at a time are loaded before the first is used.
#include "../columns.cl"

__kernel __attribute__((reqd_work_group_size(LANES, ROWS, 1))) void csr_row(
    __global const int *restrict offsets, __global const int *restrict indices, __global const stored *restrict values,
    __global const stored *restrict b, __global stored *restrict c, int M, int K, int N, int density, int block,
    int twoFour)
{
    const int row = get_group_id(0) * ROWS + get_local_id(1), lane = get_local_id(0);
    const int column = get_group_id(1) * (COLUMNS * LANES), count = N - column;
    if (row >= M) return;
    const int first = FIRST_COLUMN(lane, count), second = SECOND_COLUMN(lane, count);
    b += column;

    sums sum = (sums)(0.0f);
    const int end = offsets[row + 1];
    int place = offsets[row];
    for (; place + 4 <= end; place += 4) {
        sums parts[4];
#pragma unroll
        for (int i = 0; i < 4; ++i) parts[i] = LOAD_SUMS(b + (size_t)indices[place + i] * N, first, second);
#pragma unroll
        for (int i = 0; i < 4; ++i) sum = mad((sums)(LOAD1(values, place + i)), parts[i], sum);
    }
    for (; place < end; ++place)
        sum = mad((sums)(LOAD1(values, place)), LOAD_SUMS(b + (size_t)indices[place] * N, first, second), sum);
    c += (size_t)row * N + column;
    STORE_SUMS(c, lane, count, sum);
}

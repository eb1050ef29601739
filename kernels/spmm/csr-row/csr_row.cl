// A work-item has one row and its columns of b; the lanes of a row read the same indices and values, and neighbouring
// columns. Four elements at a time are loaded before the first is used; each BLOCK of them have sums of their own, so
// that those of a long row round no more than dense's.
#include "../columns.cl"

#define BLOCK 64

JOULEMARK_STAGE {
    const int row = get_group_id(0) * ROWS + get_local_id(1), lane = get_local_id(0);
    const int column = get_group_id(1) * (COLUMNS * LANES), count = N - column;
    if (row >= M) return;
    const int first = FIRST_COLUMN(lane, count), second = SECOND_COLUMN(lane, count);
    b += column;

    sums sum = (sums)(0.0f);
    const int end = a_indptr[row + 1];
    for (int place = a_indptr[row]; place < end;) {
        const int stop = min(place + BLOCK, end);
        sums part = (sums)(0.0f);
        for (; place + 4 <= stop; place += 4) {
            sums rows[4];
#pragma unroll
            for (int i = 0; i < 4; ++i) rows[i] = LOAD_SUMS(b + (size_t)a_indices[place + i] * N, first, second);
#pragma unroll
            for (int i = 0; i < 4; ++i) part = mad((sums)(LOAD1(a_data, place + i)), rows[i], part);
        }
        for (; place < stop; ++place)
            part = mad((sums)(LOAD1(a_data, place)), LOAD_SUMS(b + (size_t)a_indices[place] * N, first, second), part);
        sum += part;
    }
    c += (size_t)row * N + column;
    STORE_SUMS(c, lane, count, sum);
}

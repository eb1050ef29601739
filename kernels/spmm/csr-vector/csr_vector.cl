// A work-group has one row. Its elements are dealt out along y, its columns along x; sums along y are added by halves
// in local memory. With one column all 64 work-items read neighbouring elements.
#include "../columns.cl"

JOULEMARK_STAGE {
    __local sums parts[ROWS * LANES];
    const int row = get_group_id(0), lane = get_local_id(0), part = get_local_id(1), item = part * LANES + lane;
    const int column = get_group_id(1) * (COLUMNS * LANES), count = N - column;
    const int first = FIRST_COLUMN(lane, count), second = SECOND_COLUMN(lane, count);
    b += column;

    sums sum = (sums)(0.0f);
    const int end = a_indptr[row + 1];
    for (int place = a_indptr[row] + part; place < end; place += ROWS)
        sum = mad((sums)(LOAD1(a_data, place)), LOAD_SUMS(b + (size_t)a_indices[place] * N, first, second), sum);
    parts[item] = sum;
    for (int width = ROWS / 2; width > 0; width /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (part < width) parts[item] += parts[item + width * LANES];
    }
    c += (size_t)row * N + column;
    if (part == 0) STORE_SUMS(c, lane, count, parts[item]);
}

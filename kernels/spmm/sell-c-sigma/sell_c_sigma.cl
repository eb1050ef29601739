// A work-item has one row of a slice and its columns of b. Neighbouring rows' elements are neighbours, and a slice's
// rows take equally many steps. With one column a slice is half of a work-group, and all that it reads of a lies
// together. Each BLOCK elements of a row have sums of their own, so that those of a long row round no more than
// dense's.
#include "../columns.cl"

#define SLICE 32
#define BLOCK 64

JOULEMARK_STAGE {
    const int index = get_group_id(0) * ROWS + get_local_id(1), lane = get_local_id(0);
    const int column = get_group_id(1) * (COLUMNS * LANES), count = N - column;
    if (index >= M) return;
    const int first = FIRST_COLUMN(lane, count), second = SECOND_COLUMN(lane, count);
    b += column;

    sums sum = (sums)(0.0f);
    const int start = a_sell_offsets[index / SLICE], end = a_sell_offsets[index / SLICE + 1];
    for (int place = start + index % SLICE; place < end;) {
        const int stop = min(place + BLOCK * SLICE, end);
        sums part = (sums)(0.0f);
        for (; place < stop; place += SLICE)
            part = mad(
                (sums)(LOAD1(a_sell_data, place)), LOAD_SUMS(b + (size_t)a_sell_indices[place] * N, first, second),
                part);
        sum += part;
    }
    c += (size_t)a_sell_rows[index] * N + column;
    STORE_SUMS(c, lane, count, sum);
}

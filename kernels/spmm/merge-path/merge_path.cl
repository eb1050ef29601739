// The merge path (Merrill and Garland 2016, section 3): the ends of rows merged with the stored elements; step d has
// finished r rows and done d - r elements. A work-group has ROWS partitions of ITEMS steps. It copies their elements to
// local memory, neighbours by neighbours; then each partition walks its own part, LANES work-items side by side along
// the columns. The row that a partition ends in goes to its carry; the one that it begins in lacks what earlier
// partitions carry out.
#include "../columns.cl"

// Rows that are finished after `step` steps.
static inline int merge_row(__global const int *offsets, int rows, int step) {
    int low = 0, high = min(rows, step);
    while (low < high) {
        const int middle = (low + high) / 2;
        if (middle + 1 + offsets[middle + 1] <= step) low = middle + 1;
        else high = middle;
    }
    return low;
}

#if COLUMNS == 1
#define STORE_CARRY(pointer, lane, count, value)                                                                       \
    do {                                                                                                               \
        if ((lane) < (count)) (pointer)[lane] = (value);                                                               \
    } while (0)
#elif defined(HOST_PROCESSOR)
#define STORE_CARRY(pointer, lane, count, value)                                                                       \
    do {                                                                                                               \
        if (8 * (lane) < (count)) vstore8(value, 0, (pointer) + 8 * (lane));                                           \
    } while (0)
#else
#define STORE_CARRY(pointer, lane, count, value)                                                                       \
    do {                                                                                                               \
        if (4 * (lane) < (count)) vstore4((value).lo, 0, (pointer) + 4 * (lane));                                      \
        if (4 * ((lane) + LANES) < (count)) vstore4((value).hi, 0, (pointer) + 4 * ((lane) + LANES));                  \
    } while (0)
#endif

JOULEMARK_STAGE {
    __local int rowStarts[ROWS + 1], columns[ROWS * ITEMS];
    __local float elements[ROWS * ITEMS];
    const int lane = get_local_id(0), part = get_local_id(1), item = part * LANES + lane;
    const int steps = M + a_indptr[M], groupStep = get_group_id(0) * (ROWS * ITEMS);
    for (int i = item; i <= ROWS; i += ROWS * LANES) {
        const int step = min(groupStep + i * ITEMS, steps);
        rowStarts[i] = merge_row(a_indptr, M, step);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    const int firstPlace = groupStep - rowStarts[0];
    const int endPlace = min(groupStep + ROWS * ITEMS, steps) - rowStarts[ROWS];
    for (int i = item; i < endPlace - firstPlace; i += ROWS * LANES) {
        columns[i] = a_indices[firstPlace + i];
        elements[i] = LOAD1(a_data, firstPlace + i);
    }
    barrier(CLK_LOCAL_MEM_FENCE);

    const int partition = get_group_id(0) * ROWS + part;
    if (partition >= partitions) return;
    const int column = get_group_id(1) * (COLUMNS * LANES), count = N - column;
    const int first = FIRST_COLUMN(lane, count), second = SECOND_COLUMN(lane, count);
    b += column;
    c += column;
    int row = rowStarts[part], place = groupStep + part * ITEMS - row - firstPlace;
    const int endRow = rowStarts[part + 1], end = min(groupStep + (part + 1) * ITEMS, steps) - endRow - firstPlace;
    sums sum = (sums)(0.0f);
    for (; row < endRow; ++row) {
        const int rowEnd = a_indptr[row + 1] - firstPlace;
        for (; place < rowEnd; ++place)
            sum = mad((sums)(elements[place]), LOAD_SUMS(b + (size_t)columns[place] * N, first, second), sum);
        STORE_SUMS(c + (size_t)row * N, lane, count, sum);
        sum = (sums)(0.0f);
    }
    for (; place < end; ++place)
        sum = mad((sums)(elements[place]), LOAD_SUMS(b + (size_t)columns[place] * N, first, second), sum);
    if (column == 0 && lane == 0) carry_rows[partition] = endRow;
    carry_values += (size_t)partition * N + column;
    STORE_CARRY(carry_values, lane, count, sum);
}

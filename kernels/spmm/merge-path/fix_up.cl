// Adds the carries of consecutive partitions that end in one row to that row: its first partition gathers them all, so
// that nobody else touches the row. A carry whose row is M belongs to none.
#include "../columns.cl"

JOULEMARK_STAGE {
    const int first = get_group_id(0) * ROWS + get_local_id(1);
    if (first >= partitions) return;
    const int row = carry_rows[first];
    if (row >= M || (first > 0 && carry_rows[first - 1] == row)) return;
    int end = first + 1;
    while (end < partitions && carry_rows[end] == row) ++end;
    const int column0 = get_group_id(1) * (COLUMNS * LANES);
    for (int i = get_local_id(0); i < COLUMNS * LANES && column0 + i < N; i += LANES) {
        const int column = column0 + i;
        float sum = 0.0f;
        for (int partition = first; partition < end; ++partition) sum += carry_values[(size_t)partition * N + column];
        const size_t place = (size_t)row * N + column;
        STORE1(c, place, LOAD1(c, place) + sum);
    }
}

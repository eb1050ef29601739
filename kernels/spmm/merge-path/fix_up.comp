#define TAKES_PARTITIONS
#include "../../storage.glsl"

// Adds the carries of consecutive partitions that end in one row to that row: its first partition gathers them all, so
// that nobody else touches the row. A carry whose row is M belongs to none.

TENSOR_carry_rows(int, carryRows);
TENSOR_carry_values(float, carryValues);
TENSOR_c(STORED, c);

void main() {
    const int first = int(gl_WorkGroupID.x) * ROWS + int(gl_LocalInvocationID.y);
    if (first >= partitions) return;
    const int row = carryRows[first];
    if (row >= M) return;
    if (first > 0 && carryRows[max(first - 1, 0)] == row) return;
    int end = first + 1;
    while (end < partitions && carryRows[min(end, partitions - 1)] == row) ++end;
    const int column0 = int(gl_WorkGroupID.y) * COLUMNS * LANES;
    for (int offset = int(gl_LocalInvocationID.x); offset < COLUMNS * LANES && column0 + offset < N; offset += LANES) {
        const int column = column0 + offset;
        float sum = 0.0;
        for (int i = first; i < end; ++i) sum += carryValues[i * N + column];
        c[row * N + column] = STORE(LOAD(c[row * N + column]) + sum);
    }
}

// c = a · b with operands as they are stored. Many rows: a tile of 8·ROWS by 64 a work-group of 8 × 8. One row: 32
// columns a work-group of 8 × 32.
#include "matmul.glsl"
#include "../tiles.glsl"

TENSOR_a(STORED, a);
TENSOR_a(STORED4, wideA);
TENSOR_b(STORED, b);
TENSOR_b(STORED4, wideB);

int row0, column0;

vec4 rowQuad(int tileRow, int k) {
    const int row = row0 + tileRow, index = row * K + k;
    vec4 values = vec4(0.0);
    if (row >= M) return values;
    if (WIDE_K != 0) return k < K ? LOAD4(wideA[index / 4]) : values;
    [[unroll]] for (int i = 0; i < 4; ++i)
        if (k + i < K) values[i] = LOAD(a[index + i]);
    return values;
}

vec4 columnQuad(int operand, int k, int column) {
    column += column0;
    const int index = k * N + column;
    vec4 values = vec4(0.0);
    if (k >= K) return values;
    if (WIDE_N != 0) return column < N ? LOAD4(wideB[index / 4]) : values;
    [[unroll]] for (int i = 0; i < 4; ++i)
        if (column + i < N) values[i] = LOAD(b[index + i]);
    return values;
}

float rowElement(int k) { return LOAD(a[k]); }

void main() {
    const int x = int(gl_LocalInvocationID.x), y = int(gl_LocalInvocationID.y);
    const int item = int(gl_LocalInvocationIndex);
    if (SINGLE_ROW != 0) {
        column0 = int(gl_WorkGroupID.x) * 32;
        multiplyRow(K, x, y);
        if (y == 0) storeQuad(0, column0 + 4 * x, partial[x]);
        return;
    }
    column0 = int(gl_WorkGroupID.x) * 64;
    row0 = int(gl_WorkGroupID.y) * 8 * ROWS;
    clearSums();
    for (int k0 = 0; k0 < K; k0 += SLICE) {
        loadRows(k0, item);
        loadColumns(k0, item);
        barrier();
        multiplySlice(x, y);
        barrier();
    }
    [[unroll]] for (int j = 0; j < ROWS; ++j) {
        const int row = row0 + y + 8 * j;
        if (row >= M) break;
        storeQuad(row, column0 + 4 * x, sums[2 * j]);
        storeQuad(row, column0 + 4 * x + 32, sums[2 * j + 1]);
    }
}

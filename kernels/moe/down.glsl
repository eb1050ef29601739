// hidden · w_down of one expert's rows. `storeSums`, of the stage that includes this, receives four of a row's sums.
#include "../storage.glsl"

#define ROWS TILE_ROW_COUNT
#include "../tiles.glsl"
#include "experts.glsl"

TENSOR_hidden(STORED, hidden);
TENSOR_hidden(STORED4, wideHidden);
TENSOR_w_down(STORED, w);
TENSOR_w_down(STORED4, wideW);
TENSOR_expert_slots(int, slots);

int row0, end, column0, matrix;

void storeSums(int slot, int column, vec4 values);

vec4 rowQuad(int tileRow, int k) {
    const int row = row0 + tileRow, index = row * N + k;
    vec4 values = vec4(0.0);
    if (row >= end) return values;
    if (WIDE_N != 0) return k < N ? LOAD4(wideHidden[index / 4]) : values;
    [[unroll]] for (int i = 0; i < 4; ++i)
        if (k + i < N) values[i] = LOAD(hidden[index + i]);
    return values;
}

float rowElement(int k) { return LOAD(hidden[row0 * N + k]); }

vec4 columnQuad(int operand, int k, int column) {
    column += column0;
    const int index = matrix + k * K + column;
    vec4 values = vec4(0.0);
    if (k >= N) return values;
    if (WIDE_K != 0) return column < K ? LOAD4(wideW[index / 4]) : values;
    [[unroll]] for (int i = 0; i < 4; ++i)
        if (column + i < K) values[i] = LOAD(w[index + i]);
    return values;
}

void main() {
    const int itemX = int(gl_LocalInvocationID.x), itemY = int(gl_LocalInvocationID.y);
    const int item = int(gl_LocalInvocationIndex);
    const int expert = ownExpert();
    row0 = offsets[expert] + int(gl_WorkGroupID.y) * 8 * ROWS;
    end = offsets[expert + 1];
    if (row0 >= end) return;
    matrix = expert * K * N;
    if (SINGLE_ROW != 0) {
        column0 = int(gl_WorkGroupID.x) * 32;
        multiplyRow(N, itemX, itemY);
        if (itemY == 0) storeSums(slots[row0], column0 + 4 * itemX, partial[itemX]);
        return;
    }
    column0 = int(gl_WorkGroupID.x) * 64;
    clearSums();
    for (int k0 = 0; k0 < N; k0 += SLICE) {
        loadRows(k0, item);
        loadColumns(k0, item);
        barrier();
        multiplySlice(itemX, itemY);
        barrier();
    }
    [[unroll]] for (int j = 0; j < ROWS; ++j) {
        const int row = row0 + itemY + 8 * j;
        // No break: it would keep drivers from unrolling, and the sums, indexed by a variable, from registers.
        if (row < end) {
            storeSums(slots[row], column0 + 4 * itemX, sums[2 * j]);
            storeSums(slots[row], column0 + 4 * itemX + 32, sums[2 * j + 1]);
        }
    }
}

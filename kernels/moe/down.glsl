// hidden · w_down of one expert's rows. `give`, of the stage that includes this, receives four of a row's sums.
#include "moe.glsl"

layout(constant_id = 3) const int TILE_ROW_COUNT = 8;
layout(constant_id = 4) const int SINGLE_ROW = 0;
layout(constant_id = 5) const int WIDE_K = 0;
layout(constant_id = 6) const int WIDE_N = 0;

#define ROWS TILE_ROW_COUNT
#define OFFSETS_BINDING 2
#include "../tiles.glsl"
#include "experts.glsl"

layout(set = 0, binding = 0, std430) readonly buffer Hidden { STORED hidden[]; };
layout(set = 0, binding = 0, std430) readonly buffer WideHidden { STORED4 wideHidden[]; };
layout(set = 0, binding = 1, std430) readonly buffer Weights { STORED w[]; };
layout(set = 0, binding = 1, std430) readonly buffer WideWeights { STORED4 wideW[]; };
layout(set = 0, binding = 3, std430) readonly buffer Slots { int slots[]; };

int row0, end, column0, matrix;

void give(int slot, int column, vec4 values);

vec4 rowQuad(int tileRow, int k) {
    const int row = row0 + tileRow, index = row * N + k;
    vec4 values = vec4(0.0);
    if (row >= end) return values;
    if (WIDE_N != 0) return k < N ? vec4(wideHidden[index / 4]) : values;
    [[unroll]] for (int i = 0; i < 4; ++i)
        if (k + i < N) values[i] = float(hidden[index + i]);
    return values;
}

float rowElement(int k) { return float(hidden[row0 * N + k]); }

vec4 columnQuad(int operand, int k, int column) {
    column += column0;
    const int index = matrix + k * K + column;
    vec4 values = vec4(0.0);
    if (k >= N) return values;
    if (WIDE_K != 0) return column < K ? vec4(wideW[index / 4]) : values;
    [[unroll]] for (int i = 0; i < 4; ++i)
        if (column + i < K) values[i] = float(w[index + i]);
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
        if (itemY == 0) give(slots[row0], column0 + 4 * itemX, partial[itemX]);
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
        if (row >= end) break;
        give(slots[row], column0 + 4 * itemX, sums[2 * j]);
        give(slots[row], column0 + 4 * itemX + 32, sums[2 * j + 1]);
    }
}

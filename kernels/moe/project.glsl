// gate or up: x · w of one expert's tokens, into rows sorted by expert. With OPERANDS 2 both, and what they give together:
// hidden = silu(x · w_gate) · (x · w_up). A tile of x in shared memory serves both, whose sums meet in registers; each has half
// as many rows a work-item, so that both fit them.
#include "moe.glsl"

layout(constant_id = 4) const int SINGLE_ROW = 0;
layout(constant_id = 5) const int WIDE_K = 0;
layout(constant_id = 6) const int WIDE_N = 0;

#if OPERANDS == 2
layout(constant_id = 3) const int HIDDEN_ROW_COUNT = 4;
#define ROWS HIDDEN_ROW_COUNT
#define OFFSETS_BINDING 3
#define SLOTS_BINDING 4
#define RESULT_BINDING 5
#else
layout(constant_id = 3) const int TILE_ROW_COUNT = 8;
#define ROWS TILE_ROW_COUNT
#define OFFSETS_BINDING 2
#define SLOTS_BINDING 3
#define RESULT_BINDING 4
#endif

#include "../tiles.glsl"
#include "experts.glsl"

layout(set = 0, binding = 0, std430) readonly buffer Tokens { STORED x[]; };
layout(set = 0, binding = 0, std430) readonly buffer WideTokens { STORED4 wideX[]; };
layout(set = 0, binding = 1, std430) readonly buffer Weights { STORED w[]; };
layout(set = 0, binding = 1, std430) readonly buffer WideWeights { STORED4 wideW[]; };
#if OPERANDS == 2
layout(set = 0, binding = 2, std430) readonly buffer OtherWeights { STORED otherW[]; };
layout(set = 0, binding = 2, std430) readonly buffer WideOtherWeights { STORED4 wideOtherW[]; };
#endif
layout(set = 0, binding = SLOTS_BINDING, std430) readonly buffer Slots { int slots[]; };
layout(set = 0, binding = RESULT_BINDING, std430) writeonly buffer Result { STORED result[]; };
layout(set = 0, binding = RESULT_BINDING, std430) writeonly buffer WideResult { STORED4 wideResult[]; };

shared int places[8 * ROWS];  // tokens of the tile's rows, -1 beyond the expert's

int column0, matrix;

vec4 rowQuad(int tileRow, int k) {
    const int place = places[tileRow], index = place * K + k;
    vec4 values = vec4(0.0);
    if (place < 0) return values;
    if (WIDE_K != 0) return k < K ? vec4(wideX[index / 4]) : values;
    [[unroll]] for (int i = 0; i < 4; ++i)
        if (k + i < K) values[i] = float(x[index + i]);
    return values;
}

float rowElement(int k) { return float(x[places[0] * K + k]); }

vec4 columnQuad(int operand, int k, int column) {
    column += column0;
    const int index = matrix + k * N + column;
    vec4 values = vec4(0.0);
    if (k >= K) return values;
#if OPERANDS == 2
    if (operand == 1) {
        if (WIDE_N != 0) return column < N ? vec4(wideOtherW[index / 4]) : values;
        [[unroll]] for (int i = 0; i < 4; ++i)
            if (column + i < N) values[i] = float(otherW[index + i]);
        return values;
    }
#endif
    if (WIDE_N != 0) return column < N ? vec4(wideW[index / 4]) : values;
    [[unroll]] for (int i = 0; i < 4; ++i)
        if (column + i < N) values[i] = float(w[index + i]);
    return values;
}

void storeQuad(int row, int column, vec4 values) {
    const int index = row * N + column;
    if (WIDE_N != 0) {
        if (column < N) wideResult[index / 4] = STORED4(values);
        return;
    }
    [[unroll]] for (int i = 0; i < 4; ++i)
        if (column + i < N) result[index + i] = STORED(values[i]);
}

// What the sums of one place give: the product, or with two operands the gated one.
vec4 given(vec4 first, vec4 second) {
#if OPERANDS == 2
    return first / (1.0 + exp(-first)) * second;
#else
    return first;
#endif
}

void main() {
    const int itemX = int(gl_LocalInvocationID.x), itemY = int(gl_LocalInvocationID.y);
    const int item = int(gl_LocalInvocationIndex);
    const int expert = ownExpert();
    const int row0 = offsets[expert] + int(gl_WorkGroupID.y) * 8 * ROWS, end = offsets[expert + 1];
    if (row0 >= end) return;
    matrix = expert * K * N;
    if (item < 8 * ROWS) places[item] = row0 + item < end ? slots[row0 + item] / topk : -1;
    barrier();
    if (SINGLE_ROW != 0) {
        column0 = int(gl_WorkGroupID.x) * 32;
        multiplyRow(K, itemX, itemY);
        if (itemY == 0)
            storeQuad(row0, column0 + 4 * itemX, given(partial[itemX], partial[(OPERANDS - 1) * 8 * SLICES + itemX]));
        return;
    }
    column0 = int(gl_WorkGroupID.x) * 64;
    clearSums();
    for (int k0 = 0; k0 < K; k0 += SLICE) {
        loadRows(k0, item);
        loadColumns(k0, item);
        barrier();
        multiplySlice(itemX, itemY);
        barrier();
    }
    const int other = (OPERANDS - 1) * ROWS * 2;
    [[unroll]] for (int j = 0; j < ROWS; ++j) {
        const int row = row0 + itemY + 8 * j;
        if (row >= end) break;
        storeQuad(row, column0 + 4 * itemX, given(sums[2 * j], sums[other + 2 * j]));
        storeQuad(row, column0 + 4 * itemX + 32, given(sums[2 * j + 1], sums[other + 2 * j + 1]));
    }
}

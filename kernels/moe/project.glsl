// gate or up: x · w of one expert's tokens, into rows sorted by expert. With OPERANDS 2 both, and what they give
// together: hidden = silu(x · w_gate) · (x · w_up). A tile of x in shared memory serves both, whose sums meet in
// registers; each has half as many rows a work-item, so that both fit them.
#include "../storage.glsl"

#if OPERANDS == 2
#define ROWS HIDDEN_ROW_COUNT
#else
#define ROWS TILE_ROW_COUNT
#endif

#include "../tiles.glsl"
#include "experts.glsl"
#include "../silu.glsl"

TENSOR_x(STORED, x);
TENSOR_x(STORED4, wideX);
WEIGHTS(STORED, w);
WEIGHTS(STORED4, wideW);
#if OPERANDS == 2
TENSOR_w_up(STORED, otherW);
TENSOR_w_up(STORED4, wideOtherW);
#endif
TENSOR_expert_slots(int, slots);
RESULT(STORED, result);
RESULT(STORED4, wideResult);

shared int places[8 * ROWS];  // tokens of the tile's rows, -1 beyond the expert's

int column0, matrix;

vec4 rowQuad(int tileRow, int k) {
    const int place = places[tileRow], index = place * K + k;
    vec4 values = vec4(0.0);
    if (place < 0) return values;
    if (WIDE_K != 0) return k < K ? LOAD4(wideX[index / 4]) : values;
    [[unroll]] for (int i = 0; i < 4; ++i)
        if (k + i < K) values[i] = LOAD(x[index + i]);
    return values;
}

float rowElement(int k) { return LOAD(x[places[0] * K + k]); }

vec4 columnQuad(int operand, int k, int column) {
    column += column0;
    const int index = matrix + k * N + column;
    vec4 values = vec4(0.0);
    if (k >= K) return values;
#if OPERANDS == 2
    if (operand == 1) {
        if (WIDE_N != 0) return column < N ? LOAD4(wideOtherW[index / 4]) : values;
        [[unroll]] for (int i = 0; i < 4; ++i)
            if (column + i < N) values[i] = LOAD(otherW[index + i]);
        return values;
    }
#endif
    if (WIDE_N != 0) return column < N ? LOAD4(wideW[index / 4]) : values;
    [[unroll]] for (int i = 0; i < 4; ++i)
        if (column + i < N) values[i] = LOAD(w[index + i]);
    return values;
}

void storeQuad(int row, int column, vec4 values) {
    const int index = row * N + column;
    if (WIDE_N != 0) {
        if (column < N) wideResult[index / 4] = STORE4(values);
        return;
    }
    [[unroll]] for (int i = 0; i < 4; ++i)
        if (column + i < N) result[index + i] = STORE(values[i]);
}

// What the sums of one place give: the product, or with two operands the gated one.
vec4 given(vec4 first, vec4 second) {
#if OPERANDS == 2
    return silu(first) * second;
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
        // No break: it would keep drivers from unrolling, and the sums, indexed by a variable, from registers.
        if (row < end) {
            storeQuad(row, column0 + 4 * itemX, given(sums[2 * j], sums[other + 2 * j]));
            storeQuad(row, column0 + 4 * itemX + 32, given(sums[2 * j + 1], sums[other + 2 * j + 1]));
        }
    }
}

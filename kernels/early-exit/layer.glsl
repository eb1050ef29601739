// A layer: x + silu(x · w) for a tile of rows of the state. The stage says which TOKEN a row is, how many rows there
// are (ROW_COUNT), and whether a tile of which no token is left is passed over (PASSES_OVER).
// Neighbouring work-groups are tiles of different rows: drivers for processors give each thread a stretch of
// neighbours, and the tiles that have nothing to do are the last rows'.
#include "../storage.glsl"
#include "../tiles.glsl"
#include "../silu.glsl"

TENSOR_state(STORED4, state);
TENSOR_w(STORED4, w);
TENSOR_depth(int, depth);
TENSOR_y(STORED4, y);

shared int isThere;

int row0, column0, end;

// The state is twice T rows; layers read one half and write the other, by turns.
int place(int half_, int row) { return ((half_ & 1) * T + row) * D; }

vec4 rowQuad(int tileRow, int k) {
    const int row = row0 + tileRow;
    return row < end && k < D ? LOAD4(state[(place(layer, row) + k) / 4]) : vec4(0.0);
}

float rowElement(int k) { return 0.0; }

vec4 columnQuad(int operand, int k, int column) {
    column += column0;
    return k < D && column < D ? LOAD4(w[((layer * D + k) * D + column) / 4]) : vec4(0.0);
}

void storeQuad(int row, int column, vec4 sums) {
    if (row >= end || column >= D) return;
    const int token = TOKEN(row);
    const vec4 value = LOAD4(state[(place(layer, row) + column) / 4]) + silu(sums);
    state[(place(layer + 1, row) + column) / 4] = STORE4(value);
    if (depth[token] == layer + 1) y[(token * D + column) / 4] = STORE4(value);
}

void main() {
    const int itemX = int(gl_LocalInvocationID.x), itemY = int(gl_LocalInvocationID.y);
    const int item = int(gl_LocalInvocationIndex);
    row0 = int(gl_WorkGroupID.x) * 8 * ROWS;
    column0 = int(gl_WorkGroupID.y) * 64;
    end = ROW_COUNT;
    if (row0 >= end) return;
#if PASSES_OVER
    if (item == 0) isThere = 0;
    barrier();
    if (item < 8 * ROWS && row0 + item < end && depth[TOKEN(row0 + item)] > layer) atomicOr(isThere, 1);
    barrier();
    if (isThere == 0) return;
#endif
    clearSums();
    for (int k0 = 0; k0 < D; k0 += SLICE) {
        loadRows(k0, item);
        loadColumns(k0, item);
        barrier();
        multiplySlice(itemX, itemY);
        barrier();
    }
    [[unroll]] for (int j = 0; j < ROWS; ++j) {
        const int row = row0 + itemY + 8 * j;
        storeQuad(row, column0 + 4 * itemX, sums[2 * j]);
        storeQuad(row, column0 + 4 * itemX + 32, sums[2 * j + 1]);
    }
}

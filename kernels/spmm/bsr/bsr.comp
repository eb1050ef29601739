#version 450
#include "../arguments.glsl"

// A work-group has a row of blocks and 64 columns: for each block, the block and BLOCK rows of b are multiplied from shared
// memory. With few columns (NARROW) it has one column: work-items read a block's elements side by side, each always in the
// same column of the block, and keep a sum for each of their rows.
layout(constant_id = 3) const int ROWS = 4;
layout(constant_id = 4) const int NARROW = 0;
layout(constant_id = 5) const int BLOCK = 32;

layout(set = 0, binding = 0, std430) readonly buffer Offsets { int offsets[]; };
layout(set = 0, binding = 1, std430) readonly buffer Indices { int indices[]; };

#define A_BINDING 2
#define B_BINDING 3
#define C_BINDING 4
const int SLICE = BLOCK;
#include "../product.glsl"

const int SUMS = BLOCK * BLOCK / 64;
shared float parts[BLOCK * (BLOCK + 1)];

void blocksTimesColumn(int blockRow, int column, int item) {
    const int inner = item % BLOCK;
    float rowSums[SUMS];
    [[unroll]] for (int i = 0; i < SUMS; ++i) rowSums[i] = 0.0;
    for (int place = offsets[blockRow]; place < offsets[blockRow + 1]; ++place) {
        const int k = indices[place] * BLOCK + inner;
        const float right = k < K ? float(b[min(k, K - 1) * N + column]) : 0.0;
        [[unroll]] for (int i = 0; i < SUMS; ++i)
            rowSums[i] += float(a[place * BLOCK * BLOCK + item + 64 * i]) * right;
    }
    [[unroll]] for (int i = 0; i < SUMS; ++i)
        parts[(item / BLOCK + i * (64 / BLOCK)) * (BLOCK + 1) + inner] = rowSums[i];
    barrier();
    const int row = blockRow * BLOCK + item;
    if (item < BLOCK && row < M) {
        float sum = 0.0;
        for (int i = 0; i < BLOCK; ++i) sum += parts[item * (BLOCK + 1) + i];
        c[row * N + column] = STORED(sum);
    }
}

void main() {
    const int x = int(gl_LocalInvocationID.x), y = int(gl_LocalInvocationID.y), item = int(gl_LocalInvocationIndex);
    const int blockRow = int(gl_WorkGroupID.x);
    if (NARROW != 0) {
        blocksTimesColumn(blockRow, int(gl_WorkGroupID.y), item);
        return;
    }
    const int column0 = int(gl_WorkGroupID.y) * 64, end = offsets[blockRow + 1];
    clearSums();
    for (int place = offsets[blockRow]; place < end; ++place) {
        loadLeft(place * BLOCK, BLOCK, 0, BLOCK, BLOCK, item);
        loadRight(indices[place] * BLOCK, column0, item);
        barrier();
        multiplyTiles(x, y);
        barrier();
    }
    storeTile(blockRow * BLOCK, column0, x, y);
}

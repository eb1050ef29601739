#include "../../storage.glsl"

// A work-group has a row of blocks and 64 columns: for each block, the block and BLOCK rows of b are multiplied from
// shared memory. With few columns (NARROW) it has one column: work-items read a block's elements side by side, each
// always in the same column of the block, and keep a sum for each of their rows.

TENSOR_a_bsr_indptr(int, offsets);
TENSOR_a_bsr_indices(int, indices);

#define LEFT TENSOR_a_bsr_data
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
        const float right = k < K ? LOAD(b[min(k, K - 1) * N + column]) : 0.0;
        [[unroll]] for (int i = 0; i < SUMS; ++i)
            rowSums[i] += LOAD(a[place * BLOCK * BLOCK + item + 64 * i]) * right;
    }
    [[unroll]] for (int i = 0; i < SUMS; ++i)
        parts[(item / BLOCK + i * (64 / BLOCK)) * (BLOCK + 1) + inner] = rowSums[i];
    barrier();
    const int row = blockRow * BLOCK + item;
    if (item < BLOCK && row < M) {
        float sum = 0.0;
        for (int i = 0; i < BLOCK; ++i) sum += parts[item * (BLOCK + 1) + i];
        c[row * N + column] = STORE(sum);
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

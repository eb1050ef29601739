// A work-group has a row of blocks and BLOCK_COLUMNS columns: the blocks stand side by side as one matrix, and the rows
// of b that they meet as the other.
#include "../matrix_product.glsl"

TENSOR_a_bsr_indptr(int, offsets);
TENSOR_a_bsr_indices(int, indices);
TENSOR_a_bsr_data(uvec4, wideA);

int first, depth;

uvec4 wordA(int row, int k) {
    if (k >= depth) return uvec4(0u);
    return wideA[(((first + k / BLOCK) * BLOCK + row - row0) * BLOCK + k % BLOCK) / 8];
}

int rowOfB(int k) {
    if (k >= depth) return -1;
    const int row = indices[first + k / BLOCK] * BLOCK + k % BLOCK;
    return row < K ? row : -1;
}

void main() {
    const int blockRow = int(gl_WorkGroupID.x);
    row0 = blockRow * BLOCK;
    column0 = int(gl_WorkGroupID.y) * BLOCK_COLUMNS;
    first = offsets[blockRow];
    depth = (offsets[blockRow + 1] - first) * BLOCK;
    multiplyBlock(depth);
}

// C·Bᵀ of a chunk on matrix units, once for all heads of a group. Blocks that no step sees stay unwritten.
#define COLUMNS_B
#include "../ssd.glsl"
#include "../../matrix_product.glsl"

TENSOR_Bm(STORED, drives);
TENSOR_Bm(uvec4, wideDrives);
TENSOR_Cm(STORED, readouts);
TENSOR_Cm(uvec4, wideReadouts);
TENSOR_products(vec4, products);

int steps, base, productBase;

uvec4 wordA(int row, int n) {
    if (row >= steps) return uvec4(0u);
    ROW_WORD(word, readouts, wideReadouts, base + row * G * STATE_SIZE, n, STATE_SIZE)
    return word;
}

uvec4 wordB(int n, int step) {
    if (step >= steps) return uvec4(0u);
    ROW_WORD(word, drives, wideDrives, base + step * G * STATE_SIZE, n, STATE_SIZE)
    return word;
}

void storeSums(int row, int step, vec4 values) {
    if (row < steps && step < productRow()) products[(productBase + row * productRow() + step) / 4] = values;
}

void main() {
    const int blocks = (CHUNK + BLOCK_ROWS - 1) / BLOCK_ROWS, group = int(gl_WorkGroupID.y);
    const int chunk = int(gl_WorkGroupID.z) % chunkCount(), batch = int(gl_WorkGroupID.z) / chunkCount();
    row0 = int(gl_WorkGroupID.x) % blocks * BLOCK_ROWS;
    column0 = int(gl_WorkGroupID.x) / blocks * BLOCK_COLUMNS;
    steps = min(CHUNK, L - chunk * CHUNK);
    if (row0 >= steps || column0 >= min(row0 + BLOCK_ROWS, steps)) return;
    base = ((batch * L + chunk * CHUNK) * G + group) * STATE_SIZE;
    productBase = ((batch * chunkCount() + chunk) * G + group) * CHUNK * productRow();
    multiplyBlock(STATE_SIZE);
}

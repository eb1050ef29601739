// c = a · b in 8-bit integers on matrix units, sixteen a word along the depth in both operands, times a scale a row and
// one a column.
#define MATRIX_INT8
#define COLUMNS_B
#include "../matmul.glsl"
#include "../../matrix_product.glsl"

TENSOR_a_q8(uvec4, a);
TENSOR_a_q8_scales(STORED, rowScales);
TENSOR_b_q8(uvec4, b);
TENSOR_b_q8_scales(STORED, columnScales);

uvec4 wordA(int row, int k) { return row < M && k < K ? a[(row * K + k) / 16] : uvec4(0u); }
uvec4 wordB(int k, int column) { return column < N && k < K ? b[(column * K + k) / 16] : uvec4(0u); }

void storeSums(int row, int column, ivec4 sums) {
    if (row >= M) return;
    const float scale = LOAD(rowScales[row]);
    vec4 scales = vec4(0.0);
    [[unroll]] for (int i = 0; i < 4; ++i)
        if (column + i < N) scales[i] = LOAD(columnScales[column + i]) * scale;
    storeQuad(row, column, vec4(sums) * scales);
}

void main() {
    row0 = int(gl_WorkGroupID.y) * BLOCK_ROWS;
    column0 = int(gl_WorkGroupID.x) * BLOCK_COLUMNS;
    multiplyBlock(K);
}

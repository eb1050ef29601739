// c = a · b on matrix units with b in blocks of 32 weights of 4 bits, [column][block] of four words, and a scale a
// block: eight weights at a time become 16-bit floats on their way to shared memory.
#define COLUMNS_B
#include "../matmul.glsl"
#include "../../matrix_product.glsl"

TENSOR_a(uvec4, a);
TENSOR_b_q4(uint, b);
TENSOR_b_q4_scales(STORED, scales);

uvec4 wordA(int row, int k) { return row < M && k < K ? a[(row * K + k) / 8] : uvec4(0u); }

// Four weights of a word from bit `first` on.
vec4 weights(uint word, int first) {
    return vec4(
        bitfieldExtract(word, first, 4), bitfieldExtract(word, first + 4, 4), bitfieldExtract(word, first + 8, 4),
        bitfieldExtract(word, first + 12, 4)) - 8.0;
}

uvec4 wordB(int k, int column) {
    if (column >= N || k >= K) return uvec4(0u);
    const uint word = b[(column * K + k) / 8];
    const float scale = LOAD(scales[(column * K + k) / 32]);
    return uvec4(storedQuad(weights(word, 0) * scale), storedQuad(weights(word, 16) * scale));
}

void storeSums(int row, int column, vec4 sums) {
    if (row < M) storeQuad(row, column, sums);
}

void main() {
    row0 = int(gl_WorkGroupID.y) * BLOCK_ROWS;
    column0 = int(gl_WorkGroupID.x) * BLOCK_COLUMNS;
    multiplyBlock(K);
}

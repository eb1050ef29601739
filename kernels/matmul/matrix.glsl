// c = a · b on matrix units.
#include "../matrix_product.glsl"

TENSOR_a(STORED, a);
TENSOR_a(uvec4, wideA);
TENSOR_b(STORED, b);
TENSOR_b(uvec4, wideB);
TENSOR_c(STORED, c);
TENSOR_c(uvec2, wideC);

uvec4 wordA(int row, int k) {
    const int index = row * K + k;
    if (WHOLE_BLOCKS != 0) return wideA[index / 8];
    uvec4 word = uvec4(0u);
    if (row >= M || k >= K) return word;
    if (K % 8 == 0) return wideA[index / 8];
    [[unroll]] for (int i = 0; i < 8; ++i)
        if (k + i < K) word[i / 2] |= STORED_BITS(a[index + i]) << (i % 2 * 16);
    return word;
}

uvec4 wordB(int k, int column) {
    const int index = k * N + column;
    if (WHOLE_BLOCKS != 0) return wideB[index / 8];
    uvec4 word = uvec4(0u);
    if (k >= K || column >= N) return word;
    if (N % 8 == 0) return wideB[index / 8];
    [[unroll]] for (int i = 0; i < 8; ++i)
        if (column + i < N) word[i / 2] |= STORED_BITS(b[index + i]) << (i % 2 * 16);
    return word;
}

void storeSums(int row, int column, vec4 values) {
    const int index = row * N + column;
    if (WHOLE_BLOCKS != 0 || (N % 4 == 0 && row < M && column < N)) {
        wideC[index / 4] = storedQuad(values);
    } else if (row < M) {
        [[unroll]] for (int i = 0; i < 4; ++i)
            if (column + i < N) c[index + i] = STORE(values[i]);
    }
}

void main() {
    row0 = int(gl_WorkGroupID.y) * BLOCK_ROWS;
    column0 = int(gl_WorkGroupID.x) * BLOCK_COLUMNS;
    multiplyBlock(K);
}

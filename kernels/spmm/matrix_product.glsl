// What the products of packed forms of a with b share on matrix units: the result. A stage defines wordA and rowOfB.
#include "../matrix_product.glsl"

TENSOR_b(STORED, b);
TENSOR_b(uvec4, wideB);
TENSOR_c(STORED, c);
TENSOR_c(uvec2, wideC);

// The row of b that step k meets; -1 for none.
int rowOfB(int k);

uvec4 wordB(int k, int column) {
    const int row = rowOfB(k);
    if (row < 0) return uvec4(0u);
    ROW_WORD(word, b, wideB, row * N, column, N)
    return word;
}

void storeSums(int row, int column, vec4 values) {
    if (row >= M) return;
    const int index = row * N + column;
    if (N % 4 == 0) {
        if (column < N) wideC[index / 4] = storedQuad(values);
    } else {
        [[unroll]] for (int i = 0; i < 4; ++i)
            if (column + i < N) c[index + i] = STORE(values[i]);
    }
}

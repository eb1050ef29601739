// Each row of hidden · w_down on matrix units, to the place of its slot, where a token's rows are neighbours.
#include "matrix_rows.glsl"

TENSOR_hidden(STORED, hidden);
TENSOR_hidden(uvec4, wideHidden);
TENSOR_w_down(STORED, w);
TENSOR_w_down(uvec4, wideW);
TENSOR_rows(STORED, rows);
TENSOR_rows(STORED4, wideRows);

uvec4 wordA(int row, int k) {
    if (row >= end) return uvec4(0u);
    ROW_WORD(word, hidden, wideHidden, row * N, k, N)
    return word;
}

uvec4 wordB(int k, int column) {
    if (k >= N) return uvec4(0u);
    ROW_WORD(word, w, wideW, matrix + k * K, column, K)
    return word;
}

void storeSums(int row, int column, vec4 sums) {
    if (row >= end) return;
    const int index = slots[row] * K + column;
    if (WIDE_K != 0) {
        if (column < K) wideRows[index / 4] = STORE4(sums);
        return;
    }
    [[unroll]] for (int i = 0; i < 4; ++i)
        if (column + i < K) rows[index + i] = STORE(sums[i]);
}

void main() {
    if (beginExpert()) multiplyBlock(N);
}

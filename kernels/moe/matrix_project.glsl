// gate or up on matrix units: x · w of one expert's tokens, into rows sorted by expert.
#include "matrix_rows.glsl"

TENSOR_x(STORED, x);
TENSOR_x(uvec4, wideX);
WEIGHTS(STORED, w);
WEIGHTS(uvec4, wideW);
RESULT(STORED, result);
RESULT(STORED4, wideResult);

shared int places[BLOCK_ROWS];  // where the rows' tokens begin in x, -1 beyond the expert's

uvec4 wordA(int row, int k) {
    const int place = places[row - row0];
    if (place < 0) return uvec4(0u);
    ROW_WORD(word, x, wideX, place, k, K)
    return word;
}

uvec4 wordB(int k, int column) {
    if (k >= K) return uvec4(0u);
    ROW_WORD(word, w, wideW, matrix + k * N, column, N)
    return word;
}

void storeSums(int row, int column, vec4 sums) {
    if (row >= end) return;
    const int index = row * N + column;
    if (WIDE_N != 0) {
        if (column < N) wideResult[index / 4] = STORE4(sums);
        return;
    }
    [[unroll]] for (int i = 0; i < 4; ++i)
        if (column + i < N) result[index + i] = STORE(sums[i]);
}

void main() {
    if (!beginExpert()) return;
    for (int row = int(gl_LocalInvocationIndex); row < BLOCK_ROWS; row += ITEMS)
        places[row] = row0 + row < end ? slots[row0 + row] / topk * K : -1;
    barrier();
    multiplyBlock(K);
}

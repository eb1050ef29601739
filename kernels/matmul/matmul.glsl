// What the stages of matmul share: how they store the result.
#ifndef MATMUL_GLSL
#define MATMUL_GLSL

#include "../storage.glsl"

TENSOR_c(STORED, c);
TENSOR_c(STORED4, wideC);

// Four elements of a row from a column on; those beyond the last column are dropped.
void storeQuad(int row, int column, vec4 values) {
    const int index = row * N + column;
    if (WIDE_N != 0) {  // rows of the result begin at a multiple of four elements
        if (column < N) wideC[index / 4] = STORE4(values);
        return;
    }
    [[unroll]] for (int i = 0; i < 4; ++i)
        if (column + i < N) c[index + i] = STORE(values[i]);
}

#endif

// What the stages of matmul share: work-group, arguments, and the result, which is the buffer at RESULT_BINDING.
#ifndef MATMUL_GLSL
#define MATMUL_GLSL

#include "../storage.glsl"

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
layout(constant_id = 3) const int ROWS = 8;
layout(constant_id = 4) const int SINGLE_ROW = 0;
layout(constant_id = 5) const int WIDE_N = 0;  // rows of the result begin at a multiple of four elements

layout(push_constant) uniform Arguments { int M, N, K, bits; };

layout(set = 0, binding = RESULT_BINDING, std430) writeonly buffer Result { STORED c[]; };
layout(set = 0, binding = RESULT_BINDING, std430) writeonly buffer WideResult { STORED4 wideC[]; };

// Four elements of a row from a column on; those beyond the last column are dropped.
void storeQuad(int row, int column, vec4 values) {
    const int index = row * N + column;
    if (WIDE_N != 0) {
        if (column < N) wideC[index / 4] = STORED4(values);
        return;
    }
    [[unroll]] for (int i = 0; i < 4; ++i)
        if (column + i < N) c[index + i] = STORED(values[i]);
}

#endif

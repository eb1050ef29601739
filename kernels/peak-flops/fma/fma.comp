#include "../../storage.glsl"

// y ← y · factor + addend, R times, on 64 elements a work-item that stay in registers: 16 independent vectors hide the
// latency of each multiply-add, and the loop's own instructions are two in a hundred. Both constants are arguments: as
// literals RDNA's compiler puts them into longer instructions, of which fewer start at a time.

TENSOR_x(STORED4, x);
TENSOR_y(STORED4, y);

const int VECTORS = 16;

void main() {
    const uint width = gl_WorkGroupSize.x;
    const uint base = gl_WorkGroupID.x * width * VECTORS + gl_LocalInvocationID.x;
    vec4 value[VECTORS];
    [[unroll]] for (int i = 0; i < VECTORS; ++i) value[i] = LOAD4(x[base + i * width]);
    [[dont_unroll]] for (int r = 0; r < R; ++r) {
        [[unroll]] for (int i = 0; i < VECTORS; ++i) value[i] = value[i] * factor + addend;
    }
    [[unroll]] for (int i = 0; i < VECTORS; ++i) y[base + i * width] = STORE4(value[i]);
}

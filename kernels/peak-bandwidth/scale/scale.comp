#include "../../storage.glsl"

// y = 0.5 · x, 16 vectors of four a work-item, all loads before the first store so that many are under way at once.

TENSOR_x(STORED4, x);
TENSOR_y(STORED4, y);

const int VECTORS = 16;

void main() {
    const uint width = gl_WorkGroupSize.x;
    const uint base = gl_WorkGroupID.x * width * VECTORS + gl_LocalInvocationID.x;
    vec4 value[VECTORS];
    [[unroll]] for (int i = 0; i < VECTORS; ++i) value[i] = LOAD4(x[base + i * width]);
    [[unroll]] for (int i = 0; i < VECTORS; ++i) y[base + i * width] = STORE4(0.5 * value[i]);
}

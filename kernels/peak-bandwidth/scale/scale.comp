#version 450
#include "../../storage.glsl"

// y = 0.5 · x, 16 vectors of four a work-item, all loads before the first store so that many are under way at once.
layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

layout(set = 0, binding = 0, std430) readonly buffer Inputs { STORED4 x[]; };
layout(set = 0, binding = 1, std430) writeonly buffer Outputs { STORED4 y[]; };

const int VECTORS = 16;

void main() {
    const uint width = gl_WorkGroupSize.x;
    const uint base = gl_WorkGroupID.x * width * VECTORS + gl_LocalInvocationID.x;
    vec4 value[VECTORS];
    [[unroll]] for (int i = 0; i < VECTORS; ++i) value[i] = vec4(x[base + i * width]);
    [[unroll]] for (int i = 0; i < VECTORS; ++i) y[base + i * width] = STORED4(0.5 * value[i]);
}

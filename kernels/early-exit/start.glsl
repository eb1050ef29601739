#include "../storage.glsl"

TENSOR_x(STORED, x);
TENSOR_depth(int, depth);
TENSOR_state(STORED, state);
TENSOR_y(STORED, y);

// The tokens before the first layer; those that go through none are done.
void main() {
    const uint count = uint(T) * uint(D), start = gl_WorkGroupID.x * 1024u + gl_LocalInvocationID.x;
    for (uint step = 0u; step < 1024u; step += gl_WorkGroupSize.x) {
        const uint i = start + step;
        if (i >= count) continue;
        state[i] = x[i];
        if (depth[i / uint(D)] == 0) y[i] = x[i];
    }
}

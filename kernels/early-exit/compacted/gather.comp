#include "../../storage.glsl"

TENSOR_x(STORED, x);
TENSOR_depth(int, depth);
TENSOR_places(int, places);
TENSOR_state(STORED, state);
TENSOR_y(STORED, y);

// The tokens in the order of their depths; those that go through no layer are done.
void main() {
    const uint count = uint(T) * uint(D), start = gl_WorkGroupID.x * 1024u + gl_LocalInvocationID.x;
    for (uint step = 0u; step < 1024u; step += gl_WorkGroupSize.x) {
        const uint i = start + step;
        if (i >= count) continue;
        const uint token = uint(places[i / uint(D)]), column = i % uint(D);
        const uint from = token * uint(D) + column;
        state[i] = x[from];
        if (depth[token] == 0) y[from] = x[from];
    }
}

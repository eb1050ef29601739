#include "../../storage.glsl"
#include "../gelu.glsl"

TENSOR_sum(STORED, sum);
TENSOR_y(STORED, y);

// One element a work-item and step: neighbours read neighbours.
void main() {
    const uint count = uint(T) * uint(D);
    const uint start = gl_WorkGroupID.x * 1024u + gl_LocalInvocationID.x;
    for (uint step = 0u; step < 1024u; step += gl_WorkGroupSize.x) {
        const uint i = start + step;
        if (i < count) y[i] = STORE(gelu(LOAD(sum[i])));
    }
}

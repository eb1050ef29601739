#include "../../storage.glsl"

TENSOR_x(STORED, x);
TENSOR_bias(STORED, bias);
TENSOR_sum(STORED, sum);

// One element a work-item and step: neighbours read neighbours.
void main() {
    const uint count = uint(T) * uint(D);
    const uint start = gl_WorkGroupID.x * 1024u + gl_LocalInvocationID.x;
    for (uint step = 0u; step < 1024u; step += gl_WorkGroupSize.x) {
        const uint i = start + step;
        if (i < count) sum[i] = STORE(LOAD(x[i]) + LOAD(bias[i % uint(D)]));
    }
}

#include "../../storage.glsl"
#include "../../silu.glsl"

TENSOR_convolved(STORED, convolved);
TENSOR_y(STORED, y);

void main() {
    const uint channel = gl_WorkGroupID.x * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
    if (channel >= uint(D)) return;
    const uint sequence = gl_WorkGroupID.z * uint(L) * uint(D) + channel;
    const uint first = gl_WorkGroupID.y * uint(STEPS);
    for (uint step = first; step < min(first + uint(STEPS), uint(L)); step++) {
        const float value = LOAD(convolved[sequence + step * uint(D)]);
        y[sequence + step * uint(D)] = STORE(silu(value));
    }
}

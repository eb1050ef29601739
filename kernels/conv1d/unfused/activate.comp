#version 450
#include "../../storage.glsl"

layout(local_size_x_id = 0) in;
layout(binding = 0) readonly buffer ConvolvedBuffer { STORED convolved[]; };
layout(binding = 1) writeonly buffer YBuffer { STORED y[]; };
layout(push_constant) uniform Arguments {
    int B;
    int L;
    int D;
    int W;
};

void main() {
    const uint channel = gl_WorkGroupID.x * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
    if (channel >= uint(D)) return;
    const uint sequence = gl_WorkGroupID.z * uint(L) * uint(D) + channel;
    const uint first = gl_WorkGroupID.y * 16u;
    for (uint step = first; step < min(first + 16u, uint(L)); step++) {
        const float value = float(convolved[sequence + step * uint(D)]);
        y[sequence + step * uint(D)] = STORED(value / (1.0 + exp(-value)));
    }
}

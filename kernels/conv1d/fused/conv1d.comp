#version 450
#include "../../storage.glsl"

layout(local_size_x_id = 0) in;
layout(binding = 0) readonly buffer XBuffer { STORED x[]; };
layout(binding = 1) readonly buffer WBuffer { STORED w[]; };
layout(binding = 2) readonly buffer BiasBuffer { STORED bias[]; };
layout(binding = 3) writeonly buffer YBuffer { STORED y[]; };
layout(push_constant) uniform Arguments {
    int B;
    int L;
    int D;
    int W;
};

// A work-item is one channel over 16 steps of the sequence: neighbours read neighbouring channels, and what a step shares
// with the one before is still in the cache.
void main() {
    const uint channel = gl_WorkGroupID.x * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
    if (channel >= uint(D)) return;
    const int first = int(gl_WorkGroupID.y) * 16;
    const uint sequence = gl_WorkGroupID.z * uint(L) * uint(D) + channel;
    for (int step = first; step < min(first + 16, L); step++) {
        float sum = float(bias[channel]);
        for (int tap = max(0, W - 1 - step); tap < W; tap++)
            sum += float(w[channel * uint(W) + uint(tap)]) * float(x[sequence + uint(step - W + 1 + tap) * uint(D)]);
        y[sequence + uint(step) * uint(D)] = STORED(sum / (1.0 + exp(-sum)));
    }
}

#include "../../storage.glsl"

TENSOR_x(STORED, x);
TENSOR_w(STORED, w);
TENSOR_bias(STORED, bias);
TENSOR_convolved(STORED, convolved);

// A work-item is one channel over 16 steps of the sequence: neighbours read neighbouring channels, and what a step
// shares with the one before is still in the cache.
void main() {
    const uint channel = gl_WorkGroupID.x * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
    if (channel >= uint(D)) return;
    const int first = int(gl_WorkGroupID.y) * STEPS;
    const uint sequence = gl_WorkGroupID.z * uint(L) * uint(D) + channel;
    for (int step = first; step < min(first + STEPS, L); step++) {
        float sum = LOAD(bias[channel]);
        for (int tap = max(0, W - 1 - step); tap < W; tap++)
            sum += LOAD(w[channel * uint(W) + uint(tap)]) * LOAD(x[sequence + uint(step - W + 1 + tap) * uint(D)]);
        convolved[sequence + uint(step) * uint(D)] = STORE(sum);
    }
}

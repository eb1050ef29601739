#version 450
#include "../../storage.glsl"

layout(local_size_x_id = 0) in;
layout(binding = 0) readonly buffer DecayBuffer { float decay[]; };
layout(binding = 1) buffer StateBuffer { float state[]; };
layout(push_constant) uniform Arguments {
    int B;
    int L;
    int D;
    int N;
};

// h[l] = decay[l] * h[l - 1] + drive[l], in place: a work-item is one state of one channel.
void main() {
    const uint channel = gl_WorkGroupID.x * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
    if (channel >= uint(D)) return;
    const uint stride = uint(N) * uint(D);
    uint place = (gl_WorkGroupID.z * uint(L) * uint(N) + gl_WorkGroupID.y) * uint(D) + channel;
    float h = 0.0;
    for (int step = 0; step < L; step++, place += stride) {
        h = decay[place] * h + state[place];
        state[place] = h;
    }
}

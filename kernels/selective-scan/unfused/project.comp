#version 450
#include "../../storage.glsl"

layout(local_size_x_id = 0) in;
layout(binding = 0) readonly buffer StateBuffer { float state[]; };
layout(binding = 1) readonly buffer CmBuffer { STORED Cm[]; };
layout(binding = 2) readonly buffer UBuffer { STORED u[]; };
layout(binding = 3) readonly buffer DvBuffer { STORED Dv[]; };
layout(binding = 4) writeonly buffer ProjectedBuffer { STORED projected[]; };
layout(push_constant) uniform Arguments {
    int B;
    int L;
    int D;
    int N;
};

void main() {
    const uint channel = gl_WorkGroupID.x * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
    if (channel >= uint(D)) return;
    const uint step = gl_WorkGroupID.z * uint(L) + gl_WorkGroupID.y;
    float sum = float(Dv[channel]) * float(u[step * uint(D) + channel]);
    for (uint n = 0u; n < uint(N); n++)
        sum += float(Cm[step * uint(N) + n]) * state[(step * uint(N) + n) * uint(D) + channel];
    projected[step * uint(D) + channel] = STORED(sum);
}

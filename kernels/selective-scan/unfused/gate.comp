#version 450
#include "../../storage.glsl"

layout(local_size_x_id = 0) in;
layout(binding = 0) readonly buffer ProjectedBuffer { STORED projected[]; };
layout(binding = 1) readonly buffer ZBuffer { STORED z[]; };
layout(binding = 2) writeonly buffer YBuffer { STORED y[]; };
layout(push_constant) uniform Arguments {
    int B;
    int L;
    int D;
    int N;
};

void main() {
    const uint channel = gl_WorkGroupID.x * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
    if (channel >= uint(D)) return;
    const uint place = (gl_WorkGroupID.z * uint(L) + gl_WorkGroupID.y) * uint(D) + channel;
    y[place] = STORED(float(projected[place]) * float(z[place]) / (1.0 + exp(-float(z[place]))));
}

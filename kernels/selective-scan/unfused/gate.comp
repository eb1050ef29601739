#version 450
layout(local_size_x_id = 0) in;
layout(binding = 0) readonly buffer ProjectedBuffer { float projected[]; };
layout(binding = 1) readonly buffer ZBuffer { float z[]; };
layout(binding = 2) writeonly buffer YBuffer { float y[]; };
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
    y[place] = projected[place] * z[place] / (1.0 + exp(-z[place]));
}

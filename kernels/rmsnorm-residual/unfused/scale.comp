#version 450
#include "../../storage.glsl"

layout(local_size_x_id = 0) in;
layout(binding = 0) readonly buffer ResidualOutBuffer { STORED residual_out[]; };
layout(binding = 1) readonly buffer InverseRmsBuffer { float inverse_rms[]; };
layout(binding = 2) readonly buffer WeightBuffer { STORED weight[]; };
layout(binding = 3) writeonly buffer YBuffer { STORED y[]; };
layout(push_constant) uniform Arguments {
    int T;
    int D;
};

void main() {
    const uint row = gl_WorkGroupID.x * uint(D);
    const float factor = inverse_rms[gl_WorkGroupID.x];
    for (uint i = gl_LocalInvocationID.x; i < uint(D); i += gl_WorkGroupSize.x)
        y[row + i] = STORED(float(residual_out[row + i]) * factor * float(weight[i]));
}

#version 450
#include "../../storage.glsl"

layout(local_size_x_id = 0) in;
layout(binding = 0) readonly buffer ResidualOutBuffer { STORED residual_out[]; };
layout(binding = 1) writeonly buffer InverseRmsBuffer { float inverse_rms[]; };
layout(push_constant) uniform Arguments {
    int T;
    int D;
    float epsilon;
};
shared float partial[256];

/// Sum of one value a work-item, known to all of them afterwards. The work-group's size is a power of two.
float sumOfWorkGroup(float value) {
    const uint lane = gl_LocalInvocationID.x;
    partial[lane] = value;
    barrier();
    for (uint reach = gl_WorkGroupSize.x / 2u; reach > 0u; reach /= 2u) {
        if (lane < reach) partial[lane] += partial[lane + reach];
        barrier();
    }
    return partial[0];
}

void main() {
    const uint row = gl_WorkGroupID.x * uint(D);
    float squares = 0.0;
    for (uint i = gl_LocalInvocationID.x; i < uint(D); i += gl_WorkGroupSize.x)
        squares += float(residual_out[row + i]) * float(residual_out[row + i]);
    const float sum = sumOfWorkGroup(squares);
    if (gl_LocalInvocationID.x == 0u) inverse_rms[gl_WorkGroupID.x] = 1.0 / sqrt(sum / float(D) + epsilon);
}

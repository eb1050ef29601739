#version 450
#include "../../storage.glsl"

layout(local_size_x_id = 0) in;
layout(binding = 0) readonly buffer XBuffer { STORED x[]; };
layout(binding = 1) readonly buffer ResidualBuffer { STORED residual[]; };
layout(binding = 2) readonly buffer WeightBuffer { STORED weight[]; };
layout(binding = 3) writeonly buffer YBuffer { STORED y[]; };
layout(binding = 4) buffer ResidualOutBuffer { STORED residual_out[]; };
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

// The sum is written once and read back by the work-item that wrote it: from the cache, and without a barrier.
void main() {
    const uint row = gl_WorkGroupID.x * uint(D);
    float squares = 0.0;
    for (uint i = gl_LocalInvocationID.x; i < uint(D); i += gl_WorkGroupSize.x) {
        const float sum = float(x[row + i]) + float(residual[row + i]);
        residual_out[row + i] = STORED(sum);
        squares += sum * sum;
    }
    const float factor = 1.0 / sqrt(sumOfWorkGroup(squares) / float(D) + epsilon);
    for (uint i = gl_LocalInvocationID.x; i < uint(D); i += gl_WorkGroupSize.x)
        y[row + i] = STORED(float(residual_out[row + i]) * factor * float(weight[i]));
}

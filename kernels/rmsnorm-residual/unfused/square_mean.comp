#include "../../storage.glsl"
#include "../sum.glsl"

TENSOR_residual_out(STORED, residual_out);
TENSOR_inverse_rms(float, inverse_rms);

void main() {
    const uint row = gl_WorkGroupID.x * uint(D);
    float squares = 0.0;
    for (uint i = gl_LocalInvocationID.x; i < uint(D); i += gl_WorkGroupSize.x)
        squares += LOAD(residual_out[row + i]) * LOAD(residual_out[row + i]);
    const float sum = sumOfWorkGroup(squares);
    if (gl_LocalInvocationID.x == 0u) inverse_rms[gl_WorkGroupID.x] = 1.0 / sqrt(sum / float(D) + epsilon);
}

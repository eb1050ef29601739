#include "../../storage.glsl"

TENSOR_residual_out(STORED, residual_out);
TENSOR_inverse_rms(float, inverse_rms);
TENSOR_weight(STORED, weight);
TENSOR_y(STORED, y);

void main() {
    const uint row = gl_WorkGroupID.x * uint(D);
    const float factor = inverse_rms[gl_WorkGroupID.x];
    for (uint i = gl_LocalInvocationID.x; i < uint(D); i += gl_WorkGroupSize.x)
        y[row + i] = STORE(LOAD(residual_out[row + i]) * factor * LOAD(weight[i]));
}

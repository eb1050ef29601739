#include "../../storage.glsl"
#include "../sum.glsl"

TENSOR_x(STORED, x);
TENSOR_residual(STORED, residual);
TENSOR_weight(STORED, weight);
TENSOR_y(STORED, y);
TENSOR_residual_out(STORED, residual_out);

// The sum is written once and read back by the work-item that wrote it: from the cache, and without a barrier.
void main() {
    const uint row = gl_WorkGroupID.x * uint(D);
    float squares = 0.0;
    for (uint i = gl_LocalInvocationID.x; i < uint(D); i += gl_WorkGroupSize.x) {
        const float sum = LOAD(x[row + i]) + LOAD(residual[row + i]);
        residual_out[row + i] = STORE(sum);
        squares += sum * sum;
    }
    const float factor = 1.0 / sqrt(sumOfWorkGroup(squares) / float(D) + epsilon);
    for (uint i = gl_LocalInvocationID.x; i < uint(D); i += gl_WorkGroupSize.x)
        y[row + i] = STORE(LOAD(residual_out[row + i]) * factor * LOAD(weight[i]));
}

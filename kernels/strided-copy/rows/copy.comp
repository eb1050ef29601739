#include "../../storage.glsl"

TENSOR_x(STORED, x);
TENSOR_y(STORED, y);

// One element a work-item and step: neighbours read neighbours of a row.
void main() {
    const uint count = uint(A) * uint(B) * uint(C) * uint(D);
    const uint start = gl_WorkGroupID.x * 1024u + gl_LocalInvocationID.x;
    for (uint step = 0u; step < 1024u; step += gl_WorkGroupSize.x) {
        const uint i = start + step;
        if (i >= count) continue;
        const uint row = i / uint(D), a = row / (uint(B) * uint(C)), b = row / uint(C) % uint(B), c = row % uint(C);
        y[i] = x[uint(first) + a * uint(strideA) + b * uint(strideB) + c * uint(strideC) + i % uint(D)];
    }
}

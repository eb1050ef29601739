#include "../../storage.glsl"

TENSOR_state(float, state);
TENSOR_Cm(STORED, Cm);
TENSOR_u(STORED, u);
TENSOR_Dv(STORED, Dv);
TENSOR_projected(STORED, projected);

void main() {
    const uint channel = gl_WorkGroupID.x * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
    if (channel >= uint(D)) return;
    const uint step = gl_WorkGroupID.z * uint(L) + gl_WorkGroupID.y;
    float sum = LOAD(Dv[channel]) * LOAD(u[step * uint(D) + channel]);
    for (uint n = 0u; n < uint(N); n++)
        sum += LOAD(Cm[step * uint(N) + n]) * state[(step * uint(N) + n) * uint(D) + channel];
    projected[step * uint(D) + channel] = STORE(sum);
}

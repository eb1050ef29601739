#include "../../storage.glsl"

TENSOR_u(STORED, u);
TENSOR_delta(STORED, delta);
TENSOR_A(STORED, A);
TENSOR_Bm(STORED, Bm);
TENSOR_decay(float, decay);
TENSOR_state(float, state);

// The tensors lie as [B, L, N, D], so that neighbouring channels are neighbours in memory in every stage.
void main() {
    const uint channel = gl_WorkGroupID.x * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
    if (channel >= uint(D)) return;
    const uint step = gl_WorkGroupID.z * uint(L) + gl_WorkGroupID.y;
    const float width = LOAD(delta[step * uint(D) + channel]);
    const float drive = width * LOAD(u[step * uint(D) + channel]);
    for (uint n = 0u; n < uint(N); n++) {
        const uint place = (step * uint(N) + n) * uint(D) + channel;
        decay[place] = exp(width * LOAD(A[channel * uint(N) + n]));
        state[place] = drive * LOAD(Bm[step * uint(N) + n]);
    }
}

#version 450
#include "../../storage.glsl"

layout(local_size_x_id = 0) in;
layout(binding = 0) readonly buffer UBuffer { STORED u[]; };
layout(binding = 1) readonly buffer DeltaBuffer { STORED delta[]; };
layout(binding = 2) readonly buffer ABuffer { STORED A[]; };
layout(binding = 3) readonly buffer BmBuffer { STORED Bm[]; };
layout(binding = 4) writeonly buffer DecayBuffer { float decay[]; };
layout(binding = 5) writeonly buffer StateBuffer { float state[]; };
layout(push_constant) uniform Arguments {
    int B;
    int L;
    int D;
    int N;
};

// The tensors lie as [B, L, N, D], so that neighbouring channels are neighbours in memory in every stage.
void main() {
    const uint channel = gl_WorkGroupID.x * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
    if (channel >= uint(D)) return;
    const uint step = gl_WorkGroupID.z * uint(L) + gl_WorkGroupID.y;
    const float width = float(delta[step * uint(D) + channel]);
    const float drive = width * float(u[step * uint(D) + channel]);
    for (uint n = 0u; n < uint(N); n++) {
        const uint place = (step * uint(N) + n) * uint(D) + channel;
        decay[place] = exp(width * float(A[channel * uint(N) + n]));
        state[place] = drive * float(Bm[step * uint(N) + n]);
    }
}

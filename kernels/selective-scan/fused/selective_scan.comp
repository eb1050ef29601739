#version 450
#include "../../storage.glsl"

layout(local_size_x_id = 0) in;
layout(constant_id = 3) const int STATE_SIZE = 16;
layout(binding = 0) readonly buffer UBuffer { STORED u[]; };
layout(binding = 1) readonly buffer DeltaBuffer { STORED delta[]; };
layout(binding = 2) readonly buffer ZBuffer { STORED z[]; };
layout(binding = 3) readonly buffer ABuffer { STORED A[]; };
layout(binding = 4) readonly buffer BmBuffer { STORED Bm[]; };
layout(binding = 5) readonly buffer CmBuffer { STORED Cm[]; };
layout(binding = 6) readonly buffer DvBuffer { STORED Dv[]; };
layout(binding = 7) writeonly buffer YBuffer { STORED y[]; };
layout(push_constant) uniform Arguments {
    int B;
    int L;
    int D;
    int N;
};

// A work-item is one channel with its STATE_SIZE states in registers; work-items of a group share each step's B and C,
// which come from shared memory a tile of 16 steps at a time.
const int TILE = 16;
shared float tileB[TILE * STATE_SIZE];
shared float tileC[TILE * STATE_SIZE];

void main() {
    const uint channel = gl_WorkGroupID.x * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
    const bool isReal = channel < uint(D);
    const uint sequence = gl_WorkGroupID.y * uint(L);
    float rates[STATE_SIZE];
    float h[STATE_SIZE];
    for (int n = 0; n < STATE_SIZE; n++) {
        // exp2 is what the hardware has: the factor 1/ln 2 goes into the rates once.
        rates[n] = isReal ? float(A[channel * uint(N) + uint(n)]) * 1.44269504 : 0.0;
        h[n] = 0.0;
    }
    const float skip = isReal ? float(Dv[channel]) : 0.0;
    for (int first = 0; first < L; first += TILE) {
        const int steps = min(TILE, L - first);
        barrier();
        for (uint i = gl_LocalInvocationID.x; i < uint(steps * STATE_SIZE); i += gl_WorkGroupSize.x) {
            tileB[i] = float(Bm[(sequence + uint(first)) * uint(N) + i]);
            tileC[i] = float(Cm[(sequence + uint(first)) * uint(N) + i]);
        }
        barrier();
        if (!isReal) continue;
        for (int step = 0; step < steps; step++) {
            const uint place = (sequence + uint(first + step)) * uint(D) + channel;
            const float width = float(delta[place]);
            const float value = float(u[place]);
            const float drive = width * value;
            float sum = skip * value;
            for (int n = 0; n < STATE_SIZE; n++) {
                h[n] = exp2(width * rates[n]) * h[n] + drive * tileB[step * STATE_SIZE + n];
                sum += tileC[step * STATE_SIZE + n] * h[n];
            }
            const float gate = float(z[place]);
            y[place] = STORED(sum * gate / (1.0 + exp(-gate)));
        }
    }
}

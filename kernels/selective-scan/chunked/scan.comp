#version 450
#include "../../storage.glsl"

// A chunk scanned from the state before it, read out and gated. A work-item is a channel of a chunk with its STATE_SIZE states
// in registers; work-items share each step's B and C, a tile at a time.
layout(local_size_x_id = 0) in;
layout(constant_id = 3) const int STATE_SIZE = 16;
layout(binding = 0) readonly buffer Inputs { STORED u[]; };
layout(binding = 1) readonly buffer Steps { STORED delta[]; };
layout(binding = 2) readonly buffer Gates { STORED z[]; };
layout(binding = 3) readonly buffer Rates { STORED A[]; };
layout(binding = 4) readonly buffer Drives { STORED Bm[]; };
layout(binding = 5) readonly buffer Readouts { STORED Cm[]; };
layout(binding = 6) readonly buffer Skips { STORED Dv[]; };
layout(binding = 7) readonly buffer States { float states[]; };
layout(binding = 8) writeonly buffer Outputs { STORED y[]; };
layout(push_constant) uniform Arguments {
    int B, L, D, N, steps;
};

const int TILE = 16;
shared float tileB[TILE * STATE_SIZE];
shared float tileC[TILE * STATE_SIZE];

void main() {
    const int channel = int(gl_GlobalInvocationID.x), chunk = int(gl_WorkGroupID.y);
    const int chunks = (L + steps - 1) / steps;
    const bool isReal = channel < D;
    const int start = chunk * steps, end = min(start + steps, L);
    const int sequence = int(gl_WorkGroupID.z) * L, cell = int(gl_WorkGroupID.z) * chunks + chunk;
    float rates[STATE_SIZE], h[STATE_SIZE];
    for (int n = 0; n < STATE_SIZE; n++) {
        rates[n] = isReal ? float(A[channel * STATE_SIZE + n]) * 1.44269504 : 0.0;
        h[n] = isReal ? states[(cell * STATE_SIZE + n) * D + channel] : 0.0;
    }
    const float skip = isReal ? float(Dv[channel]) : 0.0;
    for (int first = start; first < end; first += TILE) {
        const int count = min(TILE, end - first);
        barrier();
        for (int i = int(gl_LocalInvocationID.x); i < count * STATE_SIZE; i += int(gl_WorkGroupSize.x)) {
            tileB[i] = float(Bm[(sequence + first) * STATE_SIZE + i]);
            tileC[i] = float(Cm[(sequence + first) * STATE_SIZE + i]);
        }
        barrier();
        for (int step = 0; isReal && step < count; step++) {
            const int place = (sequence + first + step) * D + channel;
            const float width = float(delta[place]), value = float(u[place]), gate = float(z[place]);
            const float drive = width * value;
            float sum = skip * value;
            for (int n = 0; n < STATE_SIZE; n++) {
                h[n] = exp2(width * rates[n]) * h[n] + drive * tileB[step * STATE_SIZE + n];
                sum += tileC[step * STATE_SIZE + n] * h[n];
            }
            y[place] = STORED(sum * gate / (1.0 + exp(-gate)));
        }
    }
}

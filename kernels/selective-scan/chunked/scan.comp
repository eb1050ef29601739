#include "../../storage.glsl"
#include "../../silu.glsl"

// A chunk scanned from the state before it, read out and gated. A work-item is a channel of a chunk with its STATE_SIZE
// states in registers; work-items share each step's B and C, a tile at a time.
TENSOR_u(STORED, u);
TENSOR_delta(STORED, delta);
TENSOR_z(STORED, z);
TENSOR_A(STORED, A);
TENSOR_Bm(STORED, Bm);
TENSOR_Cm(STORED, Cm);
TENSOR_Dv(STORED, Dv);
TENSOR_states(float, states);
TENSOR_y(STORED, y);

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
        rates[n] = isReal ? LOAD(A[channel * STATE_SIZE + n]) * 1.44269504 : 0.0;
        h[n] = isReal ? states[(cell * STATE_SIZE + n) * D + channel] : 0.0;
    }
    const float skip = isReal ? LOAD(Dv[channel]) : 0.0;
    for (int first = start; first < end; first += TILE) {
        const int count = min(TILE, end - first);
        barrier();
        for (int i = int(gl_LocalInvocationID.x); i < count * STATE_SIZE; i += int(gl_WorkGroupSize.x)) {
            tileB[i] = LOAD(Bm[(sequence + first) * STATE_SIZE + i]);
            tileC[i] = LOAD(Cm[(sequence + first) * STATE_SIZE + i]);
        }
        barrier();
        for (int step = 0; isReal && step < count; step++) {
            const int place = (sequence + first + step) * D + channel;
            const float width = LOAD(delta[place]), value = LOAD(u[place]), gate = LOAD(z[place]);
            const float drive = width * value;
            float sum = skip * value;
            for (int n = 0; n < STATE_SIZE; n++) {
                h[n] = exp2(width * rates[n]) * h[n] + drive * tileB[step * STATE_SIZE + n];
                sum += tileC[step * STATE_SIZE + n] * h[n];
            }
            y[place] = STORE(sum * silu(gate));
        }
    }
}

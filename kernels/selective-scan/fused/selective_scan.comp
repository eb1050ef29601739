#include "../../storage.glsl"
#include "../../silu.glsl"

TENSOR_u(STORED, u);
TENSOR_delta(STORED, delta);
TENSOR_z(STORED, z);
TENSOR_A(STORED, A);
TENSOR_Bm(STORED, Bm);
TENSOR_Cm(STORED, Cm);
TENSOR_Dv(STORED, Dv);
TENSOR_y(STORED, y);

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
        rates[n] = isReal ? LOAD(A[channel * uint(N) + uint(n)]) * 1.44269504 : 0.0;
        h[n] = 0.0;
    }
    const float skip = isReal ? LOAD(Dv[channel]) : 0.0;
    for (int first = 0; first < L; first += TILE) {
        const int steps = min(TILE, L - first);
        barrier();
        for (uint i = gl_LocalInvocationID.x; i < uint(steps * STATE_SIZE); i += gl_WorkGroupSize.x) {
            tileB[i] = LOAD(Bm[(sequence + uint(first)) * uint(N) + i]);
            tileC[i] = LOAD(Cm[(sequence + uint(first)) * uint(N) + i]);
        }
        barrier();
        if (!isReal) continue;
        for (int step = 0; step < steps; step++) {
            const uint place = (sequence + uint(first + step)) * uint(D) + channel;
            const float width = LOAD(delta[place]);
            const float value = LOAD(u[place]);
            const float drive = width * value;
            float sum = skip * value;
            for (int n = 0; n < STATE_SIZE; n++) {
                h[n] = exp2(width * rates[n]) * h[n] + drive * tileB[step * STATE_SIZE + n];
                sum += tileC[step * STATE_SIZE + n] * h[n];
            }
            const float gate = LOAD(z[place]);
            y[place] = STORE(sum * silu(gate));
        }
    }
}

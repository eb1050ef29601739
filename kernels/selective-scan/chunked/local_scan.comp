#include "../../storage.glsl"

// A chunk scanned from a zero state: what it adds to the state, and the sum of its time steps, from which follows what
// it leaves of the state before. A work-item is a channel of a chunk; work-items share each step's B, a tile at a time.
// The last chunk hands nothing on.
TENSOR_u(STORED, u);
TENSOR_delta(STORED, delta);
TENSOR_A(STORED, A);
TENSOR_Bm(STORED, Bm);
TENSOR_widths(float, widths);
TENSOR_states(float, states);

const int TILE = 16;
shared float tileB[TILE * STATE_SIZE];

void main() {
    const int channel = int(gl_GlobalInvocationID.x), chunk = int(gl_WorkGroupID.y);
    const int chunks = (L + steps - 1) / steps;
    const bool isReal = channel < D, isLast = chunk + 1 == chunks;
    const int start = chunk * steps, end = isLast ? start : start + steps;
    const int sequence = int(gl_WorkGroupID.z) * L, cell = int(gl_WorkGroupID.z) * chunks + chunk;
    float rates[STATE_SIZE], h[STATE_SIZE], sum = 0.0;
    for (int n = 0; n < STATE_SIZE; n++) {
        rates[n] = isReal ? LOAD(A[channel * STATE_SIZE + n]) * 1.44269504 : 0.0;
        h[n] = 0.0;
    }
    for (int first = start; first < end; first += TILE) {
        barrier();
        for (int i = int(gl_LocalInvocationID.x); i < TILE * STATE_SIZE; i += int(gl_WorkGroupSize.x))
            tileB[i] = LOAD(Bm[(sequence + first) * STATE_SIZE + i]);
        barrier();
        for (int step = 0; isReal && step < TILE; step++) {
            const int place = (sequence + first + step) * D + channel;
            const float width = LOAD(delta[place]), drive = width * LOAD(u[place]);
            sum += width;
            for (int n = 0; n < STATE_SIZE; n++)
                h[n] = exp2(width * rates[n]) * h[n] + drive * tileB[step * STATE_SIZE + n];
        }
    }
    if (!isReal) return;
    widths[cell * D + channel] = sum;
    for (int n = 0; n < STATE_SIZE; n++) states[(cell * STATE_SIZE + n) * D + channel] = h[n];
}

// A work-item is one channel with its STATE_SIZE states in registers; work-items of a group share each step's B and C,
// which come from local memory a tile of 16 steps at a time.
#define TILE 16

__kernel __attribute__((reqd_work_group_size(WORK_GROUP_SIZE_X, 1, 1)))
void selective_scan(__global const float *restrict u, __global const float *restrict delta, __global const float *restrict z, __global const float *restrict A,
                    __global const float *restrict Bm, __global const float *restrict Cm, __global const float *restrict Dv,
                    __global float *restrict y, int B, int L, int D, int N) {
    __local float tileB[TILE * STATE_SIZE];
    __local float tileC[TILE * STATE_SIZE];
    const int channel = get_group_id(0) * WORK_GROUP_SIZE_X + get_local_id(0);
    const int isReal = channel < D;
    const size_t sequence = get_group_id(1) * (size_t)L;
    float rates[STATE_SIZE];
    float h[STATE_SIZE];
    for (int n = 0; n < STATE_SIZE; n++) {
        // exp2 is what the hardware has: the factor 1/ln 2 goes into the rates once.
        rates[n] = isReal ? A[(size_t)channel * N + n] * 1.44269504f : 0.0f;
        h[n] = 0.0f;
    }
    const float skip = isReal ? Dv[channel] : 0.0f;
    for (int first = 0; first < L; first += TILE) {
        const int steps = min(TILE, L - first);
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int i = get_local_id(0); i < steps * STATE_SIZE; i += WORK_GROUP_SIZE_X) {
            tileB[i] = Bm[(sequence + first) * N + i];
            tileC[i] = Cm[(sequence + first) * N + i];
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int step = 0; isReal && step < steps; step++) {
            const size_t place = (sequence + first + step) * D + channel;
            const float width = delta[place];
            const float value = u[place];
            const float drive = width * value;
            float sum = skip * value;
            for (int n = 0; n < STATE_SIZE; n++) {
                h[n] = exp2(width * rates[n]) * h[n] + drive * tileB[step * STATE_SIZE + n];
                sum += tileC[step * STATE_SIZE + n] * h[n];
            }
            const float gate = z[place];
            y[place] = sum * gate / (1.0f + exp(-gate));
        }
    }
}

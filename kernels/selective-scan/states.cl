// The states of a channel as vectors of 8. On a processor a vector is a register, and exp2 of it one call; on a GPU the
// compiler takes it apart. States past STATE_SIZE have no drive and stay zero.
#include "../silu.cl"

#define VECTORS ((STATE_SIZE + 7) / 8)
#define PADDED (8 * VECTORS)
// Steps whose B and C lie in local memory at a time, shared by the work-items of a group.
#define TILE 16
#define LOG2_E 1.44269504f

// Rates of decay, in base 2: exp2 is what the hardware has.
static inline void load_rates(__global const stored *A, int isReal, float8 rates[VECTORS]) {
    for (int v = 0; v < VECTORS; ++v) {
        float values[8];
        for (int e = 0; e < 8; ++e) values[e] = isReal && 8 * v + e < STATE_SIZE ? LOAD1(A, 8 * v + e) * LOG2_E : 0.0f;
        rates[v] = vload8(0, values);
    }
}

// `steps` rows of B or C, padded.
INLINED void stage_tile(__global const stored *rows, int steps, __local float *tile) {
    for (int i = get_local_id(0); i < steps * PADDED; i += WORK_GROUP_SIZE_X)
        tile[i] = i % PADDED < STATE_SIZE ? LOAD1(rows, i / PADDED * STATE_SIZE + i % PADDED) : 0.0f;
}

static inline void step_states(
    float8 h[VECTORS], const float8 rates[VECTORS], float width, float drive, __local const float *b) {
#pragma unroll
    for (int v = 0; v < VECTORS; ++v)
        h[v] = exp2(width * rates[v]) * h[v] + drive * *(__local const float8 *)(b + 8 * v);
}

static inline float read_out(const float8 h[VECTORS], __local const float *c) {
    float8 sums = (float8)(0.0f);
#pragma unroll
    for (int v = 0; v < VECTORS; ++v) sums += h[v] * *(__local const float8 *)(c + 8 * v);
    const float4 pairs = sums.lo + sums.hi;
    return (pairs.x + pairs.y) + (pairs.z + pairs.w);
}

// Steps `start` to `end` of a sequence for one channel: the states `h` go on, y is read out and gated. B and C go
// through local memory a tile at a time, shared by the work-items of the group: all of them call this, also those past
// the last channel.
static inline void scan_steps(
    float8 h[VECTORS], const float8 rates[VECTORS], __global const stored *u, __global const stored *delta,
    __global const stored *z, __global const stored *Bm, __global const stored *Cm, __global const stored *Dv,
    __global stored *y, size_t sequence, int start, int end, int channel, int D, __local float *tileB,
    __local float *tileC) {
    const int isReal = channel < D;
    const float skip = isReal ? LOAD1(Dv, channel) : 0.0f;
    for (int first = start; first < end; first += TILE) {
        const int steps = min(TILE, end - first);
        barrier(CLK_LOCAL_MEM_FENCE);
        stage_tile(Bm + (sequence + first) * STATE_SIZE, steps, tileB);
        stage_tile(Cm + (sequence + first) * STATE_SIZE, steps, tileC);
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int step = 0; isReal && step < steps; step++) {
            const size_t place = (sequence + first + step) * D + channel;
            const float width = LOAD1(delta, place), value = LOAD1(u, place), gate = LOAD1(z, place);
            step_states(h, rates, width, width * value, tileB + step * PADDED);
            const float sum = skip * value + read_out(h, tileC + step * PADDED);
            STORE1(y, place, sum * silu(gate));
        }
    }
}

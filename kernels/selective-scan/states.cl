// The states of a channel as vectors of 8. On a processor a vector is a register, and exp2 of it one call; on a GPU the compiler
// takes it apart. States past STATE_SIZE have no drive and stay zero.
#define VECTORS ((STATE_SIZE + 7) / 8)
#define PADDED (8 * VECTORS)
// Steps whose B and C lie in local memory at a time, shared by the work-items of a group.
#define TILE 16
#define LOG2_E 1.44269504f

// Rates of decay, in base 2: exp2 is what the hardware has.
static inline void load_rates(__global const stored *A, int isReal, float8 rates[VECTORS])
{
    for (int v = 0; v < VECTORS; ++v) {
        float values[8];
        for (int e = 0; e < 8; ++e)
            values[e] = isReal && 8 * v + e < STATE_SIZE ? LOAD1(A, 8 * v + e) * LOG2_E : 0.0f;
        rates[v] = vload8(0, values);
    }
}

// `steps` rows of B or C, padded.
static inline void stage_tile(__global const stored *rows, int steps, __local float *tile)
{
    for (int i = get_local_id(0); i < steps * PADDED; i += WORK_GROUP_SIZE_X)
        tile[i] = i % PADDED < STATE_SIZE ? LOAD1(rows, i / PADDED * STATE_SIZE + i % PADDED) : 0.0f;
}

static inline void step_states(float8 h[VECTORS], const float8 rates[VECTORS], float width, float drive, __local const float *b)
{
#pragma unroll
    for (int v = 0; v < VECTORS; ++v) h[v] = exp2(width * rates[v]) * h[v] + drive * *(__local const float8 *)(b + 8 * v);
}

static inline float read_out(const float8 h[VECTORS], __local const float *c)
{
    float8 sums = (float8)(0.0f);
#pragma unroll
    for (int v = 0; v < VECTORS; ++v) sums += h[v] * *(__local const float8 *)(c + 8 * v);
    const float4 pairs = sums.lo + sums.hi;
    return (pairs.x + pairs.y) + (pairs.z + pairs.w);
}

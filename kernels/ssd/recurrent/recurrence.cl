// A work-group is 32 components of a head by SLICES slices of its states: a work-item keeps OWN_STATES states of a
// component in registers. B, C, dt x and the decays of TILE steps lie in local memory; what the slices add to y is
// summed there, once a tile instead of once a step. The work-items of a slice read the same B and C at the same time.
#include "../../opencl/storage.cl"

#define TILE 8
#define COMPONENTS 32
#define PADDED (SLICES * OWN_STATES)
#define ITEMS (COMPONENTS * SLICES)

JOULEMARK_STAGE {
    __local float tileB[TILE * PADDED] __attribute__((aligned(32)));
    __local float tileC[TILE * PADDED] __attribute__((aligned(32)));
    __local float drive[TILE * COMPONENTS];
    __local float partial[TILE * ITEMS];
    __local float decay[TILE];

    const int lane = get_local_id(0), slice = get_local_id(1), item = COMPONENTS * slice + lane;
    const int p0 = get_group_id(0) * COMPONENTS, head = get_group_id(1);
    const size_t sequence = (size_t)get_group_id(2) * L, projection = (size_t)(head / (H / G)) * STATE_SIZE;
    const float rate = LOAD1(A, head) * 1.4426950408889634f, skip = LOAD1(Dv, head);
    // Vectors of 8: a register on a processor, taken apart on a GPU.
    float8 h[OWN_STATES / 8];
#pragma unroll
    for (int v = 0; v < OWN_STATES / 8; ++v) h[v] = (float8)(0.0f);
    for (int first = 0; first < L; first += TILE) {
        for (int i = item; i < TILE * PADDED; i += ITEMS) {
            const int step = first + i / PADDED, n = i % PADDED, isInside = step < L && n < STATE_SIZE;
            const size_t place = (sequence + step) * G * STATE_SIZE + projection + n;
            tileB[i] = isInside ? LOAD1(Bm, place) : 0.0f;
            tileC[i] = isInside ? LOAD1(Cm, place) : 0.0f;
        }
        for (int i = item; i < TILE * COMPONENTS; i += ITEMS) {
            const int step = first + i / COMPONENTS, p = p0 + i % COMPONENTS;
            const size_t place = (sequence + step) * H + head;
            drive[i] = step < L && p < P ? LOAD1(x, place * P + p) * LOAD1(dt, place) : 0.0f;
        }
        for (int step = item; step < TILE; step += ITEMS)
            decay[step] = first + step < L ? exp2(LOAD1(dt, (sequence + first + step) * H + head) * rate) : 1.0f;
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int step = 0; step < TILE; ++step) {
            const float factor = decay[step], input = drive[step * COMPONENTS + lane];
            __local const float *b = tileB + step * PADDED + slice * OWN_STATES;
            __local const float *c = tileC + step * PADDED + slice * OWN_STATES;
            float8 sums = (float8)(0.0f);
#pragma unroll
            for (int v = 0; v < OWN_STATES / 8; ++v) {
                h[v] = mad(h[v], (float8)(factor), input * *(__local const float8 *)(b + 8 * v));
                sums = mad(h[v], *(__local const float8 *)(c + 8 * v), sums);
            }
            const float4 pairs = sums.lo + sums.hi;
            partial[(step * SLICES + slice) * COMPONENTS + lane] = (pairs.x + pairs.y) + (pairs.z + pairs.w);
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int i = item; i < TILE * COMPONENTS; i += ITEMS) {
            const int step = first + i / COMPONENTS, p = p0 + i % COMPONENTS;
            if (step >= L || p >= P) continue;
            const size_t place = ((sequence + step) * H + head) * P + p;
            float sum = 0.0f;
#pragma unroll
            for (int s = 0; s < SLICES; ++s)
                sum += partial[(i / COMPONENTS * SLICES + s) * COMPONENTS + i % COMPONENTS];
            STORE1(y, place, sum + skip * LOAD1(x, place));
        }
        // The next tile's loads touch nothing that is read here; its partial sums come after its barrier.
    }
}

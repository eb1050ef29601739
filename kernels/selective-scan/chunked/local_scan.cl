// A chunk scanned from a zero state: what it adds to the state, and the sum of its time steps, from which follows what
// it leaves of the state before. A work-item is a channel of a chunk; work-items share each step's B, a tile at a time.
// The last chunk hands nothing on.
#include "../../opencl/storage.cl"
#include "../states.cl"

JOULEMARK_STAGE {
    __local float tileB[TILE * PADDED] __attribute__((aligned(32)));
    const int channel = get_group_id(0) * WORK_GROUP_SIZE_X + get_local_id(0), chunk = get_group_id(1);
    const int chunks = (L + steps - 1) / steps, isReal = channel < D, isLast = chunk + 1 == chunks;
    const int start = chunk * steps, end = isLast ? start : start + steps;
    const size_t sequence = (size_t)get_group_id(2) * L, cell = (size_t)get_group_id(2) * chunks + chunk;
    float8 rates[VECTORS], h[VECTORS];
    float sum = 0.0f;
    load_rates(A + (size_t)channel * STATE_SIZE, isReal, rates);
    for (int v = 0; v < VECTORS; ++v) h[v] = (float8)(0.0f);
    for (int first = start; first < end; first += TILE) {
        barrier(CLK_LOCAL_MEM_FENCE);
        stage_tile(Bm + (sequence + first) * STATE_SIZE, TILE, tileB);
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int step = 0; isReal && step < TILE; step++) {
            const size_t place = (sequence + first + step) * D + channel;
            const float width = LOAD1(delta, place);
            sum += width;
            step_states(h, rates, width, width * LOAD1(u, place), tileB + step * PADDED);
        }
    }
    if (!isReal) return;
    widths[cell * D + channel] = sum;
    states += cell * STATE_SIZE * D + channel;
    for (int v = 0; v < VECTORS; ++v) {
        const float values[8] = {h[v].s0, h[v].s1, h[v].s2, h[v].s3, h[v].s4, h[v].s5, h[v].s6, h[v].s7};
        for (int n = 8 * v; n < min(8 * v + 8, STATE_SIZE); n++) states[(size_t)n * D] = values[n - 8 * v];
    }
}

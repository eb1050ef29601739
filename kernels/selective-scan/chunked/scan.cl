// A chunk scanned from the state before it, read out and gated. A work-item is a channel of a chunk with its STATE_SIZE
// states in registers; work-items share each step's B and C, a tile at a time.
#include "../../opencl/storage.cl"
#include "../states.cl"

JOULEMARK_STAGE {
    __local float tileB[TILE * PADDED] __attribute__((aligned(32)));
    __local float tileC[TILE * PADDED] __attribute__((aligned(32)));
    const int channel = get_group_id(0) * WORK_GROUP_SIZE_X + get_local_id(0), chunk = get_group_id(1);
    const int chunks = (L + steps - 1) / steps, isReal = channel < D;
    const int start = chunk * steps, end = min(start + steps, L);
    const size_t sequence = (size_t)get_group_id(2) * L, cell = (size_t)get_group_id(2) * chunks + chunk;
    float8 rates[VECTORS], h[VECTORS];
    load_rates(A + (size_t)channel * STATE_SIZE, isReal, rates);
    states += cell * STATE_SIZE * D + channel;
    for (int v = 0; v < VECTORS; ++v) {
        float values[8];
        for (int e = 0; e < 8; ++e)
            values[e] = isReal && 8 * v + e < STATE_SIZE ? states[(size_t)(8 * v + e) * D] : 0.0f;
        h[v] = vload8(0, values);
    }
    scan_steps(h, rates, u, delta, z, Bm, Cm, Dv, y, sequence, start, end, channel, D, tileB, tileC);
}

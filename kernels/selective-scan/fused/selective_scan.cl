// A work-item is one channel with its states in registers; work-items of a group share each step's B and C.
#include "../../opencl/storage.cl"
#include "../states.cl"

JOULEMARK_STAGE {
    __local float tileB[TILE * PADDED] __attribute__((aligned(32)));
    __local float tileC[TILE * PADDED] __attribute__((aligned(32)));
    const int channel = get_group_id(0) * WORK_GROUP_SIZE_X + get_local_id(0), isReal = channel < D;
    const size_t sequence = get_group_id(1) * (size_t)L;
    float8 rates[VECTORS], h[VECTORS];
    load_rates(A + (size_t)channel * STATE_SIZE, isReal, rates);
    for (int v = 0; v < VECTORS; ++v) h[v] = (float8)(0.0f);
    scan_steps(h, rates, u, delta, z, Bm, Cm, Dv, y, sequence, 0, L, channel, D, tileB, tileC);
}

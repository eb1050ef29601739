// The tensors lie as [B, L, N, D], so that neighbouring channels are neighbours in memory in every stage.
#include "../../opencl/storage.cl"
#include "../states.cl"

JOULEMARK_STAGE {
    const int channel = get_group_id(0) * WORK_GROUP_SIZE_X + get_local_id(0);
    if (channel >= D) return;
    const size_t step = get_group_id(2) * (size_t)L + get_group_id(1);
    const float width = LOAD1(delta, step * D + channel), drive = width * LOAD1(u, step * D + channel);
    float8 rates[VECTORS];
    load_rates(A + (size_t)channel * STATE_SIZE, 1, rates);
    decay += step * STATE_SIZE * D + channel;
    state += step * STATE_SIZE * D + channel;
    for (int v = 0; v < VECTORS; ++v) {
        const float8 factor = exp2(width * rates[v]);
        const float factors[8] = {factor.s0, factor.s1, factor.s2, factor.s3,
                                  factor.s4, factor.s5, factor.s6, factor.s7};
        for (int n = 8 * v; n < min(8 * v + 8, STATE_SIZE); n++) {
            decay[(size_t)n * D] = factors[n - 8 * v];
            state[(size_t)n * D] = drive * LOAD1(Bm, step * STATE_SIZE + n);
        }
    }
}

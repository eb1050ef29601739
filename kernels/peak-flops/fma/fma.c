#include "peak-flops/fma/fma.bindings.h"

// A fused multiply-add has a latency of 4 cycles on every core of the last decade, and two start each cycle: 8 chains
// are the fewest that fill the units. With 16 registers 12 chains leave slack to the scheduler; with 32, 16 do.
#define CHAINS (JM_REGISTERS == 32 ? 16 : 12)

#define run_chains JM(run_chains)

JM_INLINE void run_chains(
    const int chains, const float *from, float *to, int repetitions, jm_vec factor, jm_vec addend) {
    jm_vec value[CHAINS];
    JM_UNROLL for (int i = 0; i < chains; i++) value[i] = jm_load(from + i * JM_LANES);
    for (int r = 0; r < repetitions; r++) {
        JM_UNROLL for (int i = 0; i < chains; i++) value[i] = value[i] * factor + addend;
    }
    JM_UNROLL for (int i = 0; i < chains; i++) jm_store(to + i * JM_LANES, value[i]);
}

JOULEMARK_STAGE(0) {
    const float *from = jm_tensors_of(call)->x + (size_t)x * GROUP_ELEMENTS;
    float *to = jm_tensors_of(call)->y + (size_t)x * GROUP_ELEMENTS;
    const int repetitions = jm_arguments_of(call)->R;
    const jm_vec factor = jm_splat(jm_arguments_of(call)->factor), addend = jm_splat(jm_arguments_of(call)->addend);
    int i = 0;
    for (; i + CHAINS * JM_LANES <= GROUP_ELEMENTS; i += CHAINS * JM_LANES)
        run_chains(CHAINS, from + i, to + i, repetitions, factor, addend);
    // 4096 elements are 42 times 12 vectors of 8, and 8 vectors.
    for (; i + 8 * JM_LANES <= GROUP_ELEMENTS; i += 8 * JM_LANES)
        run_chains(8, from + i, to + i, repetitions, factor, addend);
    for (; i < GROUP_ELEMENTS; i += JM_LANES) run_chains(1, from + i, to + i, repetitions, factor, addend);
}

#include "selective-scan/chunked/scan.bindings.h"
#include "../../silu.h"
#include "../chunk.h"

// A chunk of 16 channels from the state before it, read out and gated.
JOULEMARK_STAGE(2 * (size_t)jm_arguments_of(call)->N * sizeof(jm_vec)) {
    const int32_t L = jm_arguments_of(call)->L, D = jm_arguments_of(call)->D, N = jm_arguments_of(call)->N;
    const int32_t steps = jm_arguments_of(call)->steps, chunks = (L + steps - 1) / steps;
    const int32_t first = (int32_t)y * steps, last = first + steps < L ? first + steps : L;
    const scan_chunk chunk = {
        .u = jm_tensors_of(call)->u,
        .delta = jm_tensors_of(call)->delta,
        .gate = jm_tensors_of(call)->z,
        .A = jm_tensors_of(call)->A,
        .Bm = jm_tensors_of(call)->Bm,
        .Cm = jm_tensors_of(call)->Cm,
        .Dv = jm_tensors_of(call)->Dv,
        .output = jm_tensors_of(call)->y,
        .D = D,
        .N = N,
        .first = (size_t)z * (size_t)L + (size_t)first,
        .end = (size_t)z * (size_t)L + (size_t)last};
    const float *states = jm_tensors_of(call)->states + ((size_t)z * (size_t)chunks + y) * (size_t)N * (size_t)D;
    jm_vec *own = scratch;
    const int32_t end = SCAN_CHANNELS * ((int32_t)x + 1) < D ? SCAN_CHANNELS * ((int32_t)x + 1) : D;
    for (int32_t channel = SCAN_CHANNELS * (int32_t)x; channel < end; channel += JM_LANES) {
        const int32_t lanes = end - channel < JM_LANES ? end - channel : JM_LANES;
        for (int32_t n = 0; n < N; n++) {
            const float *from = states + (size_t)n * (size_t)D + (size_t)channel;
            if (lanes == JM_LANES) {
                own[N + n] = jm_load(from);
            } else {
                own[N + n] = jm_splat(0);
                for (int32_t lane = 0; lane < lanes; lane++) own[N + n][lane] = from[lane];
            }
        }
        scan_channels(&chunk, own, channel, lanes);
    }
}

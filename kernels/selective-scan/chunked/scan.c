#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "../../silu.h"
#include "../chunk.h"

// A chunk of 16 channels from the state before it, read out and gated.
JOULEMARK_STAGE("selective-scan", "chunked", "scan", JM_STORAGE, 9, 5,
                2 * (size_t)call->arguments[3].integer * sizeof(jm_vec)) {
    const int32_t L = call->arguments[1].integer, D = call->arguments[2].integer, N = call->arguments[3].integer;
    const int32_t steps = call->arguments[4].integer, chunks = (L + steps - 1) / steps;
    const int32_t first = (int32_t)y * steps, last = first + steps < L ? first + steps : L;
    const scan_chunk chunk = {
        .u = call->buffers[0], .delta = call->buffers[1], .gate = call->buffers[2], .A = call->buffers[3],
        .Bm = call->buffers[4], .Cm = call->buffers[5], .Dv = call->buffers[6], .output = call->buffers[8], .D = D, .N = N,
        .first = (size_t)z * (size_t)L + (size_t)first, .end = (size_t)z * (size_t)L + (size_t)last};
    const float *states =
        (const float *)call->buffers[7] + ((size_t)z * (size_t)chunks + y) * (size_t)N * (size_t)D;
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

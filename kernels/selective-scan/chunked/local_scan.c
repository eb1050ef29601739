#include "selective-scan/chunked/local_scan.bindings.h"
#include "../../silu.h"
#include "../chunk.h"

#define store_floats JM(store_floats)

JM_INLINE void store_floats(float *to, jm_vec value, int32_t count) {
    if (count == JM_LANES) {
        jm_store(to, value);
    } else {
        for (int32_t lane = 0; lane < count; lane++) to[lane] = value[lane];
    }
}

// A chunk of 16 channels scanned from zero: what it adds to the state, and the sum of its time steps. The last chunk
// hands nothing on.
JOULEMARK_STAGE(2 * (size_t)jm_arguments_of(call)->N * sizeof(jm_vec)) {
    const int32_t L = jm_arguments_of(call)->L, D = jm_arguments_of(call)->D, N = jm_arguments_of(call)->N;
    const int32_t steps = jm_arguments_of(call)->steps, chunks = (L + steps - 1) / steps;
    const size_t start = (size_t)z * (size_t)L + (size_t)y * (size_t)steps;
    const scan_chunk chunk = {
        .u = jm_tensors_of(call)->u,
        .delta = jm_tensors_of(call)->delta,
        .A = jm_tensors_of(call)->A,
        .Bm = jm_tensors_of(call)->Bm,
        .D = D,
        .N = N,
        .first = start,
        .end = (int32_t)y + 1 == chunks ? start : start + (size_t)steps};
    const size_t cell = (size_t)z * (size_t)chunks + y;
    float *widths = jm_tensors_of(call)->widths + cell * (size_t)D;
    float *states = jm_tensors_of(call)->states + cell * (size_t)N * (size_t)D;
    jm_vec *own = scratch;
    const int32_t end = SCAN_CHANNELS * ((int32_t)x + 1) < D ? SCAN_CHANNELS * ((int32_t)x + 1) : D;
    for (int32_t channel = SCAN_CHANNELS * (int32_t)x; channel < end; channel += JM_LANES) {
        const int32_t lanes = end - channel < JM_LANES ? end - channel : JM_LANES;
        for (int32_t n = 0; n < N; n++) own[N + n] = jm_splat(0);
        store_floats(widths + channel, scan_channels(&chunk, own, channel, lanes), lanes);
        for (int32_t n = 0; n < N; n++)
            store_floats(states + (size_t)n * (size_t)D + (size_t)channel, own[N + n], lanes);
    }
}

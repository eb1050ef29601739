#include "conv1d/paced/paced.bindings.h"

#include <math.h>

// A work-group is 64 channels over 16 steps. The chain starts at 1, where 1 · 0.9375 + 0.0625 is 1 again, exactly; that
// it does not start elsewhere is known at run time only, so that no compiler leaves it out.
JOULEMARK_STAGE(0) {
    const float *input = jm_tensors_of(call)->x, *w = jm_tensors_of(call)->w, *bias = jm_tensors_of(call)->bias;
    float *output = jm_tensors_of(call)->y;
    const int32_t L = jm_arguments_of(call)->L, D = jm_arguments_of(call)->D, W = jm_arguments_of(call)->W;
    const int32_t pace = jm_arguments_of(call)->pace;
    const size_t sequence = (size_t)z * (size_t)L * (size_t)D;
    for (int32_t step = 16 * (int32_t)y; step < 16 * (int32_t)y + 16 && step < L; step++) {
        for (int32_t channel = 64 * (int32_t)x; channel < 64 * (int32_t)x + 64; channel += JM_LANES) {
            float sums[JM_LANES];
            jm_vec one;
            for (int32_t lane = 0; lane < JM_LANES; lane++) {
                const int32_t c = channel + lane;
                float sum = bias[c];
                for (int32_t tap = step < W - 1 ? W - 1 - step : 0; tap < W; tap++)
                    sum += w[(size_t)c * (size_t)W + (size_t)tap]
                        * input[sequence + (size_t)(step - W + 1 + tap) * (size_t)D + (size_t)c];
                sums[lane] = sum;
                one[lane] = sum == sum ? 1.0f : 0.0f;
            }
            for (int32_t i = 0; i < pace; i++) one = one * 0.9375f + 0.0625f;
            for (int32_t lane = 0; lane < JM_LANES; lane++)
                output[sequence + (size_t)step * (size_t)D + (size_t)(channel + lane)] = one[lane] * sums[lane]
                    / (1.0f + expf(-sums[lane]));
        }
    }
}

#include "row-softmax/online/online.bindings.h"

// Lane by lane, and the lanes together at the end. 2^(x · log2 e) = e^x.
#define LOG2_E 1.44269504f

JOULEMARK_STAGE(0) {
    const int D = jm_arguments_of(call)->D;
    const float *row = jm_tensors_of(call)->x + (size_t)x * (size_t)D;
    float *output = jm_tensors_of(call)->y + (size_t)x * (size_t)D;
    jm_vec largest = jm_splat(-1e30f), sum = {0};
    int i = 0;
    for (; i + JM_LANES <= D; i += JM_LANES) {
        const jm_vec value = jm_load(row + i) * jm_splat(LOG2_E), higher = jm_max(value, largest);
        sum = sum * jm_exp2(largest - higher) + jm_exp2(value - higher);
        largest = higher;
    }
    float top = jm_horizontal_max(largest);
    for (int rest = i; rest < D; rest++) top = row[rest] * LOG2_E > top ? row[rest] * LOG2_E : top;
    float total = jm_horizontal_sum(sum * jm_exp2(largest - jm_splat(top)));
    for (int rest = i; rest < D; rest++) total += jm_exp2(jm_splat(row[rest] * LOG2_E - top))[0];
    const jm_vec factor = jm_splat(1.0f / total);
    for (i = 0; i + JM_LANES <= D; i += JM_LANES)
        jm_store(output + i, jm_exp2(jm_load(row + i) * jm_splat(LOG2_E) - jm_splat(top)) * factor);
    for (; i < D; i++) output[i] = jm_exp2(jm_splat(row[i] * LOG2_E - top))[0] * factor[0];
}

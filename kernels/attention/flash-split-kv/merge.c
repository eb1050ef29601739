#include "attention/flash-split-kv/merge.bindings.h"
#include "../attention.h"

// Joins the parts of a row, relative to the largest of their maxima.

JOULEMARK_STAGE(0) {
    const attention_shape shape = attention_shape_of(call);
    const int size = shape.headSize, parts = jm_arguments_of(call)->splits;
    const ptrdiff_t rows = (ptrdiff_t)shape.batch * shape.queryHeads * shape.queryLength;
    const float *partials = jm_tensors_of(call)->partials, *extremes = jm_tensors_of(call)->extremes;
    const ptrdiff_t firstRow = (ptrdiff_t)x * GROUP_ROWS;
    for (ptrdiff_t row = firstRow; row < firstRow + GROUP_ROWS && row < rows; row++) {
        float output[LARGEST_HEAD] = {0};
        float largest = extremes[2 * row];
        for (int part = 1; part < parts; part++) {
            const float maximum = extremes[2 * (part * rows + row)];
            largest = maximum > largest ? maximum : largest;
        }
        float sum = 0;
        for (int part = 0; part < parts; part++) {
            const float *extreme = extremes + 2 * (part * rows + row);
            const float weight = jm_exp2_capped(jm_splat(extreme[0] - largest))[0];
            const float *from = partials + (part * rows + row) * size;
            sum += extreme[1] * weight;
            for (int d = 0; d < size; d++) output[d] += from[d] * weight;
        }
        // A part that sees a key has a weight of 1: a sum below it means that none does.
        const float factor = sum >= 0.5f ? 1.0f / sum : 0.0f;
        for (int d = 0; d < size; d++) output[d] *= factor;
        jm_narrow(jm_tensors_of(call)->o + row * size, output, (size_t)size);
    }
}

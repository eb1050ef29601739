#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "joulemark_tile.h"
#include "../ssd.h"
#include "../chunk.h"

// A work-group is a chunk of some heads of a group: they share C·Bᵀ, which the thread keeps (256 KiB at a chunk of 256, L2).
JOULEMARK_STAGE("ssd", "chunked-fused", "chunk_output", JM_STORAGE, 8, 8,
                sizeof(float)
                    * ((size_t)call->arguments[6].integer * (size_t)ssd_round_up(call->arguments[3].integer, JM_LANES)
                       + ((size_t)call->arguments[4].integer + (size_t)call->arguments[6].integer + JM_TILE_ROWS + 3)
                             * (size_t)ssd_round_up(call->arguments[6].integer, JM_LANES)
                       + 2 * JM_SPACE((size_t)call->arguments[6].integer * (size_t)call->arguments[4].integer))) {
    const ssd_shape shape = ssd_shape_of(call);
    const int headsAtOnce = call->arguments[7].integer, chunk = (int)y, first = chunk * shape.chunk;
    const int groupHeads = shape.heads / shape.groups, blocks = (groupHeads + headsAtOnce - 1) / headsAtOnce;
    const int group = (int)x / blocks, firstHead = group * groupHeads + (int)x % blocks * headsAtOnce;
    const int endHead =
        firstHead + headsAtOnce < (group + 1) * groupHeads ? firstHead + headsAtOnce : (group + 1) * groupHeads;
    const int steps = shape.length - first < shape.chunk ? shape.length - first : shape.chunk;
    const ptrdiff_t stride = ssd_round_up(shape.chunk, JM_LANES);

    float *rows = scratch, *transposed = rows + (ptrdiff_t)shape.chunk * shape.padded;
    float *products = transposed + shape.states * stride, *weights = products + shape.chunk * stride;
    float *high = weights + JM_TILE_ROWS * stride, *low = high + stride, *widths = low + stride;
    const ssd_place shared = ssd_place_of(&shape, (int)z, first, firstHead);
    const float *Bm = ssd_projections(
        &shape, (const jm_stored *)call->buffers[3] + shared.projection, steps, widths + stride);
    const float *Cm = ssd_projections(
        &shape, (const jm_stored *)call->buffers[4] + shared.projection, steps,
        widths + stride + JM_SPACE(shape.chunk * shape.states));
    ssd_chunk_products(&shape, Cm, Bm, steps, transposed, products, stride);
    for (int head = firstHead; head < endHead; head++) {
        const ssd_place place = ssd_place_of(&shape, (int)z, first, head);
        const jm_stored *dt = (const jm_stored *)call->buffers[1] + place.dt;
        const ptrdiff_t cell = ((ptrdiff_t)z * shape.chunks + chunk) * shape.heads + head;
        ssd_load_x(&shape, (const jm_stored *)call->buffers[0] + place.row, steps, rows);
        ssd_load_dt(&shape, dt, steps, widths);
        ssd_step_decays(&shape, dt, jm_read_one((const jm_stored *)call->buffers[2] + head), steps, high, low);
        const ssd_output output = {
            .shape = &shape, .products = products, .stride = stride, .Cm = Cm,
            .state = chunk > 0 ? (const float *)call->buffers[6] + cell * shape.states * shape.stateRow : NULL,
            .stateRow = shape.stateRow, .x = rows, .high = high, .low = low, .dt = widths,
            .skip = jm_read_one((const jm_stored *)call->buffers[5] + head), .weights = weights,
            .y = (jm_stored *)call->buffers[7] + place.row};
        ssd_output_rows(&output, 0, steps);
    }
}

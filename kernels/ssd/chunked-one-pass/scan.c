#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "joulemark_tile.h"
#include "../ssd.h"
#include "../chunk.h"

// A work-group is some heads of a group, which share C·Bᵀ, and walks the sequence in chunks of `steps`. A head's state of
// N × P, 32 KiB at 128 × 64, stays in L2 (eight heads: 256 KiB), its chunk of x in L1. Chunks are shorter than a GPU's: a step
// costs 2·N·P multiply-adds for the state whatever the chunk, and steps / 2 · P within it, so that 32 steps add 6 % where
// 256 would add half; still shorter ones reload the state, N · P a chunk, too often.
JOULEMARK_STAGE("ssd", "chunked-one-pass", "scan", JM_STORAGE, 7, 9,
                sizeof(float)
                    * ((size_t)call->arguments[7].integer * (size_t)call->arguments[4].integer
                           * (size_t)ssd_round_up(call->arguments[3].integer, JM_LANES)
                       + (size_t)call->arguments[8].integer * (size_t)ssd_round_up(call->arguments[3].integer, JM_LANES)
                       + ((size_t)call->arguments[4].integer + (size_t)call->arguments[8].integer + JM_TILE_ROWS + 3)
                             * (size_t)ssd_round_up(call->arguments[8].integer, JM_LANES)
                       + 2 * JM_SPACE((size_t)call->arguments[8].integer * (size_t)call->arguments[4].integer))) {
    const ssd_shape shape = ssd_shape_of(call);
    const int headsAtOnce = call->arguments[7].integer, chunk = call->arguments[8].integer;
    const int groupHeads = shape.heads / shape.groups, blocks = (groupHeads + headsAtOnce - 1) / headsAtOnce;
    const int group = (int)x / blocks, firstHead = group * groupHeads + (int)x % blocks * headsAtOnce;
    const int endHead =
        firstHead + headsAtOnce < (group + 1) * groupHeads ? firstHead + headsAtOnce : (group + 1) * groupHeads;
    const ptrdiff_t stride = ssd_round_up(chunk, JM_LANES), stateSize = (ptrdiff_t)shape.states * shape.padded;

    float *states = scratch, *rows = states + headsAtOnce * stateSize, *transposed = rows + (ptrdiff_t)chunk * shape.padded;
    float *products = transposed + shape.states * stride, *weights = products + chunk * stride;
    float *high = weights + JM_TILE_ROWS * stride, *low = high + stride, *widths = low + stride;
    for (int first = 0; first < shape.length; first += chunk) {
        const int steps = shape.length - first < chunk ? shape.length - first : chunk;
        const ssd_place shared = ssd_place_of(&shape, (int)y, first, firstHead);
        const float *Bm = ssd_projections(
            &shape, (const jm_stored *)call->buffers[3] + shared.projection, steps, widths + stride);
        const float *Cm = ssd_projections(
            &shape, (const jm_stored *)call->buffers[4] + shared.projection, steps,
            widths + stride + JM_SPACE(chunk * shape.states));
        ssd_chunk_products(&shape, Cm, Bm, steps, transposed, products, stride);
        for (int head = firstHead; head < endHead; head++) {
            const ssd_place place = ssd_place_of(&shape, (int)y, first, head);
            const jm_stored *dt = (const jm_stored *)call->buffers[1] + place.dt;
            float *state = states + (head - firstHead) * stateSize;
            ssd_load_x(&shape, (const jm_stored *)call->buffers[0] + place.row, steps, rows);
            ssd_load_dt(&shape, dt, steps, widths);
            ssd_step_decays(&shape, dt, jm_read_one((const jm_stored *)call->buffers[2] + head), steps, high, low);
            const ssd_output output = {
                .shape = &shape, .products = products, .stride = stride, .Cm = Cm, .state = first > 0 ? state : NULL,
                .stateRow = shape.padded, .x = rows, .high = high, .low = low, .dt = widths,
                .skip = jm_read_one((const jm_stored *)call->buffers[5] + head), .weights = weights,
                .y = (jm_stored *)call->buffers[6] + place.row};
            ssd_output_rows(&output, 0, steps);
            if (first + steps == shape.length) continue;
            ssd_scale_rows(&shape, dt, high, low, steps, rows);
            ssd_update_state(&shape, Bm, rows, steps, high[steps - 1], first == 0, state, shape.padded);
        }
    }
}

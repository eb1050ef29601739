#include "ssd/chunked-one-pass/scan.bindings.h"
#include "joulemark_tile.h"
#include "../ssd.h"
#include "../chunk.h"

// A work-group is some heads of a group, which share C·Bᵀ, and walks the sequence in chunks of `steps`. A head's state
// of N × P, 32 KiB at 128 × 64, stays in L2 (eight heads: 256 KiB), its chunk of x in L1. Chunks are shorter than a
// GPU's: a step costs 2·N·P multiply-adds for the state whatever the chunk, and steps / 2 · P within it, so that 32
// steps add 6 % where 256 would add half; still shorter ones reload the state, N · P a chunk, too often.
JOULEMARK_STAGE(
    sizeof(float)
    * ((size_t)jm_arguments_of(call)->heads * (size_t)jm_arguments_of(call)->N
           * (size_t)ssd_round_up(jm_arguments_of(call)->P, JM_LANES)
       + (size_t)jm_arguments_of(call)->steps * (size_t)ssd_round_up(jm_arguments_of(call)->P, JM_LANES)
       + ((size_t)jm_arguments_of(call)->N + (size_t)jm_arguments_of(call)->steps + JM_TILE_ROWS + 3)
           * (size_t)ssd_round_up(jm_arguments_of(call)->steps, JM_LANES)
       + 2 * JM_SPACE((size_t)jm_arguments_of(call)->steps * (size_t)jm_arguments_of(call)->N))) {
    const ssd_shape shape = ssd_shape_of(call);
    const int headsAtOnce = jm_arguments_of(call)->heads, chunk = jm_arguments_of(call)->steps;
    const int groupHeads = shape.heads / shape.groups, blocks = (groupHeads + headsAtOnce - 1) / headsAtOnce;
    const int group = (int)x / blocks, firstHead = group * groupHeads + (int)x % blocks * headsAtOnce;
    const int endHead = firstHead + headsAtOnce < (group + 1) * groupHeads ? firstHead + headsAtOnce
                                                                           : (group + 1) * groupHeads;
    const ptrdiff_t stride = ssd_round_up(chunk, JM_LANES), stateSize = (ptrdiff_t)shape.states * shape.padded;

    float *states = scratch, *rows = states + headsAtOnce * stateSize,
          *transposed = rows + (ptrdiff_t)chunk * shape.padded;
    float *products = transposed + shape.states * stride, *weights = products + chunk * stride;
    float *high = weights + JM_TILE_ROWS * stride, *low = high + stride, *widths = low + stride;
    for (int first = 0; first < shape.length; first += chunk) {
        const int steps = shape.length - first < chunk ? shape.length - first : chunk;
        const ssd_place shared = ssd_place_of(&shape, (int)y, first, firstHead);
        const float *Bm = ssd_projections(&shape, jm_tensors_of(call)->Bm + shared.projection, steps, widths + stride);
        const float *Cm = ssd_projections(
            &shape, jm_tensors_of(call)->Cm + shared.projection, steps,
            widths + stride + JM_SPACE(chunk * shape.states));
        ssd_chunk_products(&shape, Cm, Bm, steps, transposed, products, stride);
        for (int head = firstHead; head < endHead; head++) {
            const ssd_place place = ssd_place_of(&shape, (int)y, first, head);
            const jm_stored *dt = jm_tensors_of(call)->dt + place.dt;
            float *state = states + (head - firstHead) * stateSize;
            ssd_load_x(&shape, jm_tensors_of(call)->x + place.row, steps, rows);
            ssd_load_dt(&shape, dt, steps, widths);
            ssd_step_decays(&shape, dt, jm_read_one(jm_tensors_of(call)->A + head), steps, high, low);
            const ssd_output output = {
                .shape = &shape,
                .products = products,
                .stride = stride,
                .Cm = Cm,
                .state = first > 0 ? state : NULL,
                .stateRow = shape.padded,
                .x = rows,
                .high = high,
                .low = low,
                .dt = widths,
                .skip = jm_read_one(jm_tensors_of(call)->Dv + head),
                .weights = weights,
                .y = jm_tensors_of(call)->y + place.row};
            ssd_output_rows(&output, 0, steps);
            if (first + steps == shape.length) continue;
            ssd_scale_rows(&shape, dt, high, low, steps, rows);
            ssd_update_state(&shape, Bm, rows, steps, high[steps - 1], first == 0, state, shape.padded);
        }
    }
}

#include "ssd/chunked-fused/chunk_output.bindings.h"
#include "joulemark_tile.h"
#include "../ssd.h"
#include "../chunk.h"

// A work-group is a chunk of some heads of a group: they share C·Bᵀ, which the thread keeps (256 KiB at a chunk of 256,
// L2).
JOULEMARK_STAGE(
    sizeof(float)
    * ((size_t)jm_arguments_of(call)->Q * (size_t)ssd_round_up(jm_arguments_of(call)->P, JM_LANES)
       + ((size_t)jm_arguments_of(call)->N + (size_t)jm_arguments_of(call)->Q + JM_TILE_ROWS + 3)
           * (size_t)ssd_round_up(jm_arguments_of(call)->Q, JM_LANES)
       + 2 * JM_SPACE((size_t)jm_arguments_of(call)->Q * (size_t)jm_arguments_of(call)->N))) {
    const ssd_shape shape = ssd_shape_of(call);
    const int headsAtOnce = jm_arguments_of(call)->heads, chunk = (int)y, first = chunk * shape.chunk;
    const int groupHeads = shape.heads / shape.groups, blocks = (groupHeads + headsAtOnce - 1) / headsAtOnce;
    const int group = (int)x / blocks, firstHead = group * groupHeads + (int)x % blocks * headsAtOnce;
    const int endHead = firstHead + headsAtOnce < (group + 1) * groupHeads ? firstHead + headsAtOnce
                                                                           : (group + 1) * groupHeads;
    const int steps = shape.length - first < shape.chunk ? shape.length - first : shape.chunk;
    const ptrdiff_t stride = ssd_round_up(shape.chunk, JM_LANES);

    float *rows = scratch, *transposed = rows + (ptrdiff_t)shape.chunk * shape.padded;
    float *products = transposed + shape.states * stride, *weights = products + shape.chunk * stride;
    float *high = weights + JM_TILE_ROWS * stride, *low = high + stride, *widths = low + stride;
    const ssd_place shared = ssd_place_of(&shape, (int)z, first, firstHead);
    const float *Bm = ssd_projections(&shape, jm_tensors_of(call)->Bm + shared.projection, steps, widths + stride);
    const float *Cm = ssd_projections(
        &shape, jm_tensors_of(call)->Cm + shared.projection, steps,
        widths + stride + JM_SPACE(shape.chunk * shape.states));
    ssd_chunk_products(&shape, Cm, Bm, steps, transposed, products, stride);
    for (int head = firstHead; head < endHead; head++) {
        const ssd_place place = ssd_place_of(&shape, (int)z, first, head);
        const jm_stored *dt = jm_tensors_of(call)->dt + place.dt;
        const ptrdiff_t cell = ((ptrdiff_t)z * shape.chunks + chunk) * shape.heads + head;
        ssd_load_x(&shape, jm_tensors_of(call)->x + place.row, steps, rows);
        ssd_load_dt(&shape, dt, steps, widths);
        ssd_step_decays(&shape, dt, jm_read_one(jm_tensors_of(call)->A + head), steps, high, low);
        const ssd_output output = {
            .shape = &shape,
            .products = products,
            .stride = stride,
            .Cm = Cm,
            .state = chunk > 0 ? jm_tensors_of(call)->states + cell * shape.states * shape.stateRow : NULL,
            .stateRow = shape.stateRow,
            .x = rows,
            .high = high,
            .low = low,
            .dt = widths,
            .skip = jm_read_one(jm_tensors_of(call)->Dv + head),
            .weights = weights,
            .y = jm_tensors_of(call)->y + place.row};
        ssd_output_rows(&output, 0, steps);
    }
}

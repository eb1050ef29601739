#include "ssd/chunked-unfused/chunk_output.bindings.h"
#include "joulemark_tile.h"
#include "../ssd.h"
#include "../chunk.h"

// 64 steps of a chunk of a head: C times the state before the chunk, decayed, plus the weights (C·Bᵀ, decay, dt) times
// x up to each step. The work-groups with the most steps start first.
#define ROWS 64

JOULEMARK_STAGE(
    sizeof(float)
    * ((size_t)jm_arguments_of(call)->Q * (size_t)ssd_round_up(jm_arguments_of(call)->P, JM_LANES)
       + (JM_TILE_ROWS + 3) * (size_t)ssd_round_up(jm_arguments_of(call)->Q, 16)
       + JM_SPACE((size_t)jm_arguments_of(call)->Q * (size_t)jm_arguments_of(call)->N))) {
    const ssd_shape shape = ssd_shape_of(call);
    const int head = (int)y, chunk = (int)z % shape.chunks, batch = (int)z / shape.chunks, first = chunk * shape.chunk;
    const int steps = shape.length - first < shape.chunk ? shape.length - first : shape.chunk;
    const int start = (int)(call->workGroups[0] - 1 - x) * ROWS, end = start + ROWS < steps ? start + ROWS : steps;
    if (start >= end) return;
    const ssd_place place = ssd_place_of(&shape, batch, first, head);
    const float *high = jm_tensors_of(call)->decays + ((ptrdiff_t)batch * shape.heads + head) * 2 * shape.length
        + first;
    const float *states = jm_tensors_of(call)->states;
    const int group = head / (shape.heads / shape.groups);
    const ptrdiff_t stride = ssd_round_up(shape.chunk, 16), cell = (ptrdiff_t)batch * shape.chunks + chunk;

    float *rows = scratch, *weights = rows + (ptrdiff_t)shape.chunk * shape.padded;
    float *sums = weights + JM_TILE_ROWS * stride, *rests = sums + stride, *widths = rests + stride;
    ssd_load_x(&shape, jm_tensors_of(call)->x + place.row, end, rows);
    ssd_load_dt(&shape, jm_tensors_of(call)->dt + place.dt, end, widths);
    for (int step = 0; step < end; step++) {
        sums[step] = high[step];
        rests[step] = high[shape.length + step];
    }
    const float *Cm = ssd_projections(&shape, jm_tensors_of(call)->Cm + place.projection, end, widths + stride);
    const ssd_output output = {
        .shape = &shape,
        .products = jm_tensors_of(call)->products + (cell * shape.groups + group) * shape.chunk * stride,
        .stride = stride,
        .Cm = Cm,
        .state = chunk > 0 ? states + (cell * shape.heads + head) * shape.states * shape.stateRow : NULL,
        .stateRow = shape.stateRow,
        .x = rows,
        .high = sums,
        .low = rests,
        .dt = widths,
        .skip = jm_read_one(jm_tensors_of(call)->Dv + head),
        .weights = weights,
        .y = jm_tensors_of(call)->y + place.row};
    ssd_output_rows(&output, start, end);
}

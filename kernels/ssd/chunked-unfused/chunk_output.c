#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "joulemark_tile.h"
#include "../ssd.h"
#include "../chunk.h"

// 64 steps of a chunk of a head: C times the state before the chunk, decayed, plus the weights (C·Bᵀ, decay, dt) times x up
// to each step. The work-groups with the most steps start first.
#define ROWS 64

JOULEMARK_STAGE("ssd", "chunked-unfused", "chunk_output", JM_STORAGE, 8, 7,
                sizeof(float)
                    * ((size_t)call->arguments[6].integer * (size_t)ssd_round_up(call->arguments[3].integer, JM_LANES)
                       + (JM_TILE_ROWS + 3) * (size_t)ssd_round_up(call->arguments[6].integer, 16)
                       + JM_SPACE((size_t)call->arguments[6].integer * (size_t)call->arguments[4].integer))) {
    const ssd_shape shape = ssd_shape_of(call);
    const int head = (int)y, chunk = (int)z % shape.chunks, batch = (int)z / shape.chunks, first = chunk * shape.chunk;
    const int steps = shape.length - first < shape.chunk ? shape.length - first : shape.chunk;
    const int start = (int)(call->workGroups[0] - 1 - x) * ROWS, end = start + ROWS < steps ? start + ROWS : steps;
    if (start >= end) return;
    const ssd_place place = ssd_place_of(&shape, batch, first, head);
    const float *high =
        (const float *)call->buffers[4] + ((ptrdiff_t)batch * shape.heads + head) * 2 * shape.length + first;
    const float *states = (const float *)call->buffers[5];
    const int group = head / (shape.heads / shape.groups);
    const ptrdiff_t stride = ssd_round_up(shape.chunk, 16), cell = (ptrdiff_t)batch * shape.chunks + chunk;

    float *rows = scratch, *weights = rows + (ptrdiff_t)shape.chunk * shape.padded;
    float *sums = weights + JM_TILE_ROWS * stride, *rests = sums + stride, *widths = rests + stride;
    ssd_load_x(&shape, (const jm_stored *)call->buffers[0] + place.row, end, rows);
    ssd_load_dt(&shape, (const jm_stored *)call->buffers[1] + place.dt, end, widths);
    for (int step = 0; step < end; step++) {
        sums[step] = high[step];
        rests[step] = high[shape.length + step];
    }
    const float *Cm = ssd_projections(
        &shape, (const jm_stored *)call->buffers[2] + place.projection, end, widths + stride);
    const ssd_output output = {
        .shape = &shape,
        .products = (const float *)call->buffers[6] + (cell * shape.groups + group) * shape.chunk * stride,
        .stride = stride, .Cm = Cm,
        .state = chunk > 0 ? states + (cell * shape.heads + head) * shape.states * shape.stateRow : NULL,
        .stateRow = shape.stateRow, .x = rows, .high = sums, .low = rests, .dt = widths,
        .skip = jm_read_one((const jm_stored *)call->buffers[3] + head), .weights = weights,
        .y = (jm_stored *)call->buffers[7] + place.row};
    ssd_output_rows(&output, start, end);
}

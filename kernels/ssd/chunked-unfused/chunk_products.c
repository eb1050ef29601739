#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "joulemark_tile.h"
#include "../ssd.h"
#include "../chunk.h"

// C·Bᵀ of 64 rows of a chunk with the steps up to them, a group's heads' in common. Bᵀ is laid out once a work-group, N rows
// of a chunk: 128 KiB at 128 × 256, in L2; the loads of it are 1 / 64 of the multiply-adds.
#define ROWS 64

JOULEMARK_STAGE("ssd", "chunked-unfused", "chunk_products", JM_STORAGE, 3, 7,
                sizeof(float) * (size_t)call->arguments[4].integer
                    * ((size_t)ssd_round_up(call->arguments[6].integer, 16) + JM_SPACE((size_t)call->arguments[6].integer))) {
    const ssd_shape shape = ssd_shape_of(call);
    const int chunk = (int)z % shape.chunks, batch = (int)z / shape.chunks, first = chunk * shape.chunk;
    const int steps = shape.length - first < shape.chunk ? shape.length - first : shape.chunk;
    const int start = (int)x * ROWS, end = start + ROWS < steps ? start + ROWS : steps;
    if (start >= end) return;
    const ssd_place place = ssd_place_of(&shape, batch, first, (int)y * (shape.heads / shape.groups));
    const ptrdiff_t stride = ssd_round_up(shape.chunk, 16);
    float *products = (float *)call->buffers[2]
                      + (((ptrdiff_t)batch * shape.chunks + chunk) * shape.groups + (ptrdiff_t)y) * shape.chunk * stride;
    const int padded = ssd_round_up(end, JM_LANES);
    float *space = (float *)scratch + shape.states * stride;
    const float *Bm = ssd_projections(&shape, (const jm_stored *)call->buffers[0] + place.projection, end, space);
    ssd_transpose(Bm, shape.projectionStride, end, shape.states, scratch, padded);
    const float *Cm = ssd_projections(&shape, (const jm_stored *)call->buffers[1] + place.projection, end, space);
    ssd_rows_of_products(&shape, Cm, start, end, scratch, padded, products, stride);
}

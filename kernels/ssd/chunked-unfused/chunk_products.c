#include "ssd/chunked-unfused/chunk_products.bindings.h"
#include "joulemark_tile.h"
#include "../ssd.h"
#include "../chunk.h"

// C·Bᵀ of 64 rows of a chunk with the steps up to them, a group's heads' in common. Bᵀ is laid out once a work-group, N
// rows of a chunk: 128 KiB at 128 × 256, in L2; the loads of it are 1 / 64 of the multiply-adds.
#define ROWS 64

JOULEMARK_STAGE(
    sizeof(float) * (size_t)jm_arguments_of(call)->N
    * ((size_t)ssd_round_up(jm_arguments_of(call)->Q, 16) + JM_SPACE((size_t)jm_arguments_of(call)->Q))) {
    const ssd_shape shape = ssd_shape_of(call);
    const int chunk = (int)z % shape.chunks, batch = (int)z / shape.chunks, first = chunk * shape.chunk;
    const int steps = shape.length - first < shape.chunk ? shape.length - first : shape.chunk;
    const int start = (int)x * ROWS, end = start + ROWS < steps ? start + ROWS : steps;
    if (start >= end) return;
    const ssd_place place = ssd_place_of(&shape, batch, first, (int)y * (shape.heads / shape.groups));
    const ptrdiff_t stride = ssd_round_up(shape.chunk, 16);
    float *products = jm_tensors_of(call)->products
        + (((ptrdiff_t)batch * shape.chunks + chunk) * shape.groups + (ptrdiff_t)y) * shape.chunk * stride;
    const int padded = ssd_round_up(end, JM_LANES);
    float *space = (float *)scratch + shape.states * stride;
    const float *Bm = ssd_projections(&shape, jm_tensors_of(call)->Bm + place.projection, end, space);
    ssd_transpose(Bm, shape.projectionStride, end, shape.states, scratch, padded);
    const float *Cm = ssd_projections(&shape, jm_tensors_of(call)->Cm + place.projection, end, space);
    ssd_rows_of_products(&shape, Cm, start, end, scratch, padded, products, stride);
}

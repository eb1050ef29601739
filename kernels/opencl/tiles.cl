// What the tiled kernels share: multiplying two tiles in local memory.
#include "storage.cl"

// A work-group of 8 x 8 computes a tile of 8 * ROWS by 64: a work-item has ROWS consecutive rows and 8 columns. At ROWS
// = 8 that is 16 reads of local memory for 64 multiply-adds.
//
// The 8 columns: on a processor they are neighbours, one vector register. On a GPU they are two groups of 4, 32 apart,
// so that 8 work-items read 128 consecutive bytes of local memory at a time, free of bank conflicts.
#define TILE_COLUMNS 64
#ifdef HOST_PROCESSOR
#define COLUMN(item, element) (8 * (item) + (element))
#define TILE_LOAD8(tile, item) (*(__local const float8 *)((tile) + 8 * (item)))
#define STORE_COLUMNS_WITH(STORE4, STORE8, pointer, item, value, count)                                                \
    do {                                                                                                               \
        if (8 * (item) < (count)) STORE8(pointer, 8 * (item), value);                                                  \
    } while (0)
#else
#define COLUMN(item, element) (4 * (item) + (element) + ((element) < 4 ? 0 : 28))
#define TILE_LOAD8(tile, item)                                                                                         \
    (float8)(*(__local const float4 *)((tile) + 4 * (item)), *(__local const float4 *)((tile) + 4 * (item) + 32))
#define STORE_COLUMNS_WITH(STORE4, STORE8, pointer, item, value, count)                                                \
    do {                                                                                                               \
        if (4 * (item) < (count)) STORE4(pointer, 4 * (item), (value).lo);                                             \
        if (4 * (item) + 32 < (count)) STORE4(pointer, 4 * (item) + 32, (value).hi);                                   \
    } while (0)
#endif
// The 8 columns of a work-item.
static inline int8 column_slots(int item) {
    const int4 four = (int4)(0, 1, 2, 3);
    return (int8)(COLUMN(item, 0) + four, COLUMN(item, 4) + four);
}

// Stores those columns that lie below `count`, a multiple of 8: as tensors are stored, or as an intermediate of floats.
#define STORE_COLUMNS(pointer, item, value, count) STORE_COLUMNS_WITH(STORE4, STORE8, pointer, item, value, count)
#define STORE_COLUMNS_ALIGNED(pointer, item, value, count)                                                             \
    STORE_COLUMNS_WITH(STORE4_ALIGNED, STORE8, pointer, item, value, count)
#define STORE_COLUMNS_F32(pointer, item, value, count)                                                                 \
    STORE_COLUMNS_WITH(STORE4_F32, STORE8_F32, pointer, item, value, count)
#define STORE_COLUMNS_F32_ALIGNED(pointer, item, value, count)                                                         \
    STORE_COLUMNS_WITH(STORE4_F32_ALIGNED, STORE8_F32, pointer, item, value, count)

static inline void clear_tiles(float8 sums[ROWS]) {
#pragma unroll
    for (int r = 0; r < ROWS; ++r) sums[r] = (float8)(0.0f);
}

// sums[r] += left[d][r] * right[d][columns of `item`] over d < depth. `left` points at the work-item's first row.
static inline void multiply_tiles(
    float8 sums[ROWS], __local const float *left, __local const float *right, int rightStride, int depth, int item) {
    for (int d = 0; d < depth; ++d) {
        const float8 columns = TILE_LOAD8(right + d * rightStride, item);
#pragma unroll
        for (int r = 0; r < ROWS; ++r) sums[r] = mad((float8)(left[d * 8 * ROWS + r]), columns, sums[r]);
    }
}

// What the OpenCL stages that work on chunks share. Work-groups are 8 x 8; include ../opencl/tiles.cl and decays.cl
// first.

// A product's operands go through local memory DEPTH at a time.
#define DEPTH 16
#define TILE_ROWS (8 * ROWS)
#define CHUNKS ((L + CHUNK - 1) / CHUNK)
// Floats from one row of the intermediate tensors to the next.
#define STATE_ROW ((HEAD_SIZE + 15) / 16 * 16)
#define PRODUCT_ROW ((CHUNK + 15) / 16 * 16)

#ifdef HOST_PROCESSOR
#define EXP2 exp2
// Unrolled, a loop of exponentials takes PoCL's compiler 8 s instead of 3, and runs no faster.
#define UNROLL_ON_GPU
// On a processor the loop ends at the last row: of rows whose stores a condition guards one by one, PoCL stores those
// that are not there.
#define EACH_ROW(r, isThere) for (int r = 0; r < ROWS && (isThere); ++r)
#else
#define EXP2 native_exp2
#define UNROLL_ON_GPU _Pragma("unroll")
// All ROWS, so that the loop can be unrolled: sums that a variable indexes lie in memory.
#define EACH_ROW(r, isThere) _Pragma("unroll") for (int r = 0; r < ROWS; ++r) if (isThere)
#endif

// Elements `column` to `column` + 3 of a row of `count`, zeros past its end. `isWhole` says that a row is groups of
// four.
static inline float4 load_within(__global const stored *row, int column, int count, int isWhole) {
    if (isWhole) return column < count ? LOAD4_ALIGNED(row, column) : (float4)(0.0f);
    float4 values = (float4)(0.0f);
    if (column < count) values.x = LOAD1(row, column);
    if (column + 1 < count) values.y = LOAD1(row, column + 1);
    if (column + 2 < count) values.z = LOAD1(row, column + 2);
    if (column + 3 < count) values.w = LOAD1(row, column + 3);
    return values;
}
#define LOAD_HEAD(row, p) load_within((row), (p), HEAD_SIZE, HEAD_SIZE % 4 == 0)
#define LOAD_STATES(row, n) load_within((row), (n), STATE_SIZE, STATE_SIZE % 4 == 0)

// A work-item's 8 columns of a row of y.
static inline void store_head(__global stored *row, int item, float8 value, int count) {
#if HEAD_SIZE % 8 == 0
    STORE_COLUMNS_ALIGNED(row, item, value, count);
#else
    const float elements[8] = {value.s0, value.s1, value.s2, value.s3, value.s4, value.s5, value.s6, value.s7};
#pragma unroll
    for (int e = 0; e < 8; ++e)
        if (COLUMN(item, e) < count) STORE1(row, COLUMN(item, e), elements[e]);
#endif
}

// tile[d][row] = rows' states n0 + d: a group of four states a work-item at a time, turned round. `rows` past `count`
// are 0.
static inline void stage_states(
    __global const stored *rows, size_t stride, int n0, int count, int tileRows, int item, __local float *tile) {
    for (int i = item; i < tileRows * (DEPTH / 4); i += 64) {
        const int row = i / (DEPTH / 4), d = i % (DEPTH / 4) * 4;
        const float4 values = row < count ? LOAD_STATES(rows + row * stride, n0 + d) : (float4)(0.0f);
        tile[d * tileRows + row] = values.x;
        tile[(d + 1) * tileRows + row] = values.y;
        tile[(d + 2) * tileRows + row] = values.z;
        tile[(d + 3) * tileRows + row] = values.w;
    }
}

// tile[d][n] = state n0 + n of step d, a row each; steps past `count` are 0.
static inline void stage_rows(
    __global const stored *rows, size_t stride, int n0, int count, int item, __local float *tile) {
    for (int i = item; i < DEPTH * (TILE_ROWS / 4); i += 64) {
        const int d = i / (TILE_ROWS / 4), n = i % (TILE_ROWS / 4) * 4;
        *(__local float4 *)(tile + i * 4) = d < count ? LOAD_STATES(rows + d * stride, n0 + n) : (float4)(0.0f);
    }
}

// tile[d][p] = component p0 + p of step d; steps past `count` are 0.
static inline void stage_head(
    __global const stored *rows, size_t stride, int p0, int count, int item, __local float *tile) {
    for (int i = item; i < DEPTH * (TILE_COLUMNS / 4); i += 64) {
        const int d = i / (TILE_COLUMNS / 4), p = i % (TILE_COLUMNS / 4) * 4;
        *(__local float4 *)(tile + i * 4) = d < count ? LOAD_HEAD(rows + d * stride, p0 + p) : (float4)(0.0f);
    }
}

// tile[d][p] = component p0 + p of row n0 + d of a stored state.
static inline void stage_stored_states(__global const float *states, int n0, int p0, int item, __local float *tile) {
    for (int i = item; i < DEPTH * (TILE_COLUMNS / 4); i += 64) {
        const int n = n0 + i / (TILE_COLUMNS / 4), p = p0 + i % (TILE_COLUMNS / 4) * 4;
        const int isInside = n < STATE_SIZE && p < STATE_ROW;
        *(__local float4 *)(tile + i * 4) = isInside ? LOAD4_F32_ALIGNED(states, n * STATE_ROW + p) : (float4)(0.0f);
    }
}

// A work-item's 8 columns of a row of x.
static inline float8 load_columns(__global const stored *row, int p0, int item) {
    return (float8)(LOAD_HEAD(row, p0 + COLUMN(item, 0)), LOAD_HEAD(row, p0 + COLUMN(item, 4)));
}

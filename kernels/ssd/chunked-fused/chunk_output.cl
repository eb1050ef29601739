// The outputs of 8 * ROWS steps of a chunk by 64 components of a head:
//   y = decay up to the step * C * (state before the chunk) + (C * B^T, decay between the steps, dt) * x + D x
// C * B^T is computed 64 steps at a time and lives in local memory only. Work-groups with the most steps start first.
#include "../../opencl/tiles.cl"
#include "../decays.cl"
#include "../chunk.cl"

// The weights of TILE_COLUMNS steps from `first` on in a work-item's rows of the tile, from the products C * B^T.
INLINED void weigh(
    __local float *weights, const float8 products[ROWS], __local const float2 *sums, __global const stored *dt,
    int first, int row0, int rows, int H, int x, int y) {
    UNROLL_ON_GPU
    for (int e = 0; e < 8; ++e) {
        const int column = COLUMN(x, e), step = first + column;
#pragma unroll
        for (int r = 0; r < ROWS; ++r) {
            const int row = row0 + y * ROWS + r;
            float weight = 0.0f;
            if (step <= row && row < row0 + rows)
                weight = ((const float *)&products[r])[e] * EXP2(difference(sums[row], sums[step]))
                    * LOAD1(dt, (size_t)step * H);
            weights[column * TILE_ROWS + y * ROWS + r] = weight;
        }
    }
}

// y = output + D x in a work-item's rows, of which those before `end` are there; `stride` elements apart.
INLINED void store_outputs(
    __global stored *y, const float8 output[ROWS], __global const stored *x, float skip, int first, int end,
    size_t stride, int p0, int item) {
    EACH_ROW(r, first + r < end) {
        const size_t row = (first + r) * stride;
        store_head(y + row, item, output[r] + skip * load_columns(x + row, p0, item), HEAD_SIZE - p0);
    }
}

JOULEMARK_STAGE {
    __local float left[DEPTH * TILE_ROWS] __attribute__((aligned(32)));
    __local float right[DEPTH * TILE_COLUMNS] __attribute__((aligned(32)));
    // weights[step][row]
    __local float weights[TILE_COLUMNS * TILE_ROWS] __attribute__((aligned(32)));
    __local float2 sums[CHUNK];
    __local float2 totals[128];

    const int itemX = get_local_id(0), itemY = get_local_id(1), item = 8 * itemY + itemX;
    const int tiles = (CHUNK + TILE_ROWS - 1) / TILE_ROWS;
    const int row0 = (tiles - 1 - get_group_id(0) % tiles) * TILE_ROWS, p0 = get_group_id(0) / tiles * TILE_COLUMNS;
    const int head = get_group_id(1), chunk = get_group_id(2) % CHUNKS, batch = get_group_id(2) / CHUNKS;
    const int steps = min(CHUNK, L - chunk * CHUNK), rows = min(TILE_ROWS, steps - row0);
    if (rows <= 0) return;
    const size_t sequence = (size_t)batch * L + chunk * CHUNK;
    const size_t projectionRow = (size_t)G * STATE_SIZE;
    x += (sequence * H + head) * HEAD_SIZE;
    y += (sequence * H + head) * HEAD_SIZE + p0;
    dt += sequence * H + head;
    Bm += (sequence * G + head / (H / G)) * STATE_SIZE;
    Cm += (sequence * G + head / (H / G)) * STATE_SIZE + row0 * projectionRow;
    states += (((size_t)batch * CHUNKS + chunk) * H + head) * STATE_SIZE * STATE_ROW;

    sum_decays(dt, H, LOAD1(A, head) * LOG2_E, row0 + rows, item, sums, totals);
    float8 output[ROWS];
    clear_tiles(output);
    if (chunk > 0) {
        for (int n0 = 0; n0 < STATE_SIZE; n0 += DEPTH) {
            stage_states(Cm, projectionRow, n0, rows, TILE_ROWS, item, left);
            stage_stored_states(states, n0, p0, item, right);
            barrier(CLK_LOCAL_MEM_FENCE);
            multiply_tiles(output, left + itemY * ROWS, right, TILE_COLUMNS, DEPTH, itemX);
            barrier(CLK_LOCAL_MEM_FENCE);
        }
#pragma unroll
        for (int r = 0; r < ROWS; ++r) output[r] *= EXP2(sums[min(row0 + itemY * ROWS + r, steps - 1)].x);
    }

    for (int first = 0; first < row0 + rows; first += TILE_COLUMNS) {
        const int columns = min(TILE_COLUMNS, row0 + rows - first);
        float8 products[ROWS];
        clear_tiles(products);
        for (int n0 = 0; n0 < STATE_SIZE; n0 += DEPTH) {
            stage_states(Cm, projectionRow, n0, rows, TILE_ROWS, item, left);
            stage_states(Bm + first * projectionRow, projectionRow, n0, columns, TILE_COLUMNS, item, right);
            barrier(CLK_LOCAL_MEM_FENCE);
            multiply_tiles(products, left + itemY * ROWS, right, TILE_COLUMNS, DEPTH, itemX);
            barrier(CLK_LOCAL_MEM_FENCE);
        }
        weigh(weights, products, sums, dt, first, row0, rows, H, itemX, itemY);
        for (int slice = 0; slice < columns; slice += DEPTH) {
            stage_head(
                x + (size_t)(first + slice) * H * HEAD_SIZE, (size_t)H * HEAD_SIZE, p0, columns - slice, item, right);
            barrier(CLK_LOCAL_MEM_FENCE);
            multiply_tiles(output, weights + slice * TILE_ROWS + itemY * ROWS, right, TILE_COLUMNS, DEPTH, itemX);
            barrier(CLK_LOCAL_MEM_FENCE);
        }
    }

    store_outputs(y, output, x, LOAD1(Dv, head), row0 + itemY * ROWS, row0 + rows, (size_t)H * HEAD_SIZE, p0, itemX);
}

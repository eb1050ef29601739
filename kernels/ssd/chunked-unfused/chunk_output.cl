// The outputs of 8 * ROWS steps of a chunk by 64 components of a head:
//   y = decay up to the step * C * (state before the chunk) + (C * B^T, decay between the steps, dt) * x + D x
// Work-groups with the most steps start first.
#include "../../opencl/tiles.cl"
#include "../decays.cl"
#include "../chunk.cl"

JOULEMARK_STAGE {
    __local float left[DEPTH * TILE_ROWS] __attribute__((aligned(32)));
    __local float right[DEPTH * TILE_COLUMNS] __attribute__((aligned(32)));

    const int itemX = get_local_id(0), itemY = get_local_id(1), item = 8 * itemY + itemX;
    const int tiles = (CHUNK + TILE_ROWS - 1) / TILE_ROWS;
    const int row0 = (tiles - 1 - get_group_id(0) % tiles) * TILE_ROWS, p0 = get_group_id(0) / tiles * TILE_COLUMNS;
    const int head = get_group_id(1), chunk = get_group_id(2) % CHUNKS, batch = get_group_id(2) / CHUNKS;
    const int steps = min(CHUNK, L - chunk * CHUNK), rows = min(TILE_ROWS, steps - row0), group = head / (H / G);
    if (rows <= 0) return;
    const size_t sequence = (size_t)batch * L + chunk * CHUNK, cell = (size_t)batch * CHUNKS + chunk;
    x += (sequence * H + head) * HEAD_SIZE;
    y += (sequence * H + head) * HEAD_SIZE + p0;
    dt += sequence * H + head;
    Cm += ((sequence + row0) * G + group) * STATE_SIZE;
    decays += ((size_t)batch * H + head) * 2 * L + chunk * CHUNK;
    states += (cell * H + head) * STATE_SIZE * STATE_ROW;
    products += ((cell * G + group) * CHUNK + row0) * PRODUCT_ROW;

    float8 output[ROWS];
    clear_tiles(output);
    if (chunk > 0) {
        for (int n0 = 0; n0 < STATE_SIZE; n0 += DEPTH) {
            stage_states(Cm, (size_t)G * STATE_SIZE, n0, rows, TILE_ROWS, item, left);
            stage_stored_states(states, n0, p0, item, right);
            barrier(CLK_LOCAL_MEM_FENCE);
            multiply_tiles(output, left + itemY * ROWS, right, TILE_COLUMNS, DEPTH, itemX);
            barrier(CLK_LOCAL_MEM_FENCE);
        }
#pragma unroll
        for (int r = 0; r < ROWS; ++r) output[r] *= EXP2(decays[min(row0 + itemY * ROWS + r, steps - 1)]);
    }
    for (int first = 0; first < row0 + rows; first += DEPTH) {
        for (int i = item; i < TILE_ROWS * DEPTH; i += 64) {
            const int row = i / DEPTH, step = first + i % DEPTH;
            float weight = 0.0f;
            if (row < rows && step <= row0 + row) {
                const float2 own = (float2)(decays[row0 + row], decays[L + row0 + row]);
                weight = products[row * PRODUCT_ROW + step] * LOAD1(dt, (size_t)step * H)
                    * EXP2(difference(own, (float2)(decays[step], decays[L + step])));
            }
            left[i % DEPTH * TILE_ROWS + row] = weight;
        }
        stage_head(x + (size_t)first * H * HEAD_SIZE, (size_t)H * HEAD_SIZE, p0, row0 + rows - first, item, right);
        barrier(CLK_LOCAL_MEM_FENCE);
        multiply_tiles(output, left + itemY * ROWS, right, TILE_COLUMNS, DEPTH, itemX);
        barrier(CLK_LOCAL_MEM_FENCE);
    }

    const float skip = LOAD1(Dv, head);
    EACH_ROW(r, itemY * ROWS + r < rows) {
        const size_t row = (size_t)(row0 + itemY * ROWS + r) * H * HEAD_SIZE;
        store_head(y + row, itemX, output[r] + skip * load_columns(x + row, p0, itemX), HEAD_SIZE - p0);
    }
}

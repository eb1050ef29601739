// The states before each chunk. A work-group is 8 * ROWS of the N rows of a head's state by 64 of its components, which
// stay in registers while it walks the chunks: state = decay over the chunk * state + B^T (chunk x N) * scaled x (chunk
// x P).
#include "../../opencl/tiles.cl"
#include "../decays.cl"
#include "../chunk.cl"
#include "../chunk_state.cl"

JOULEMARK_STAGE {
    __local float left[DEPTH * TILE_ROWS] __attribute__((aligned(32)));
    __local float right[DEPTH * TILE_COLUMNS] __attribute__((aligned(32)));
    __local float2 sums[CHUNK];
    __local float2 totals[128];

    const int itemX = get_local_id(0), itemY = get_local_id(1), item = 8 * itemY + itemX;
    const int tiles = (STATE_SIZE + TILE_ROWS - 1) / TILE_ROWS;
    const int n0 = get_group_id(0) % tiles * TILE_ROWS, p0 = get_group_id(0) / tiles * TILE_COLUMNS;
    const int head = get_group_id(1), batch = get_group_id(2);
    const float rate = LOAD1(A, head) * LOG2_E;
    x += ((size_t)batch * L * H + head) * HEAD_SIZE;
    dt += (size_t)batch * L * H + head;
    Bm += ((size_t)batch * L * G + head / (H / G)) * STATE_SIZE;
    states += (((size_t)batch * CHUNKS * H + head) * STATE_SIZE + n0 + itemY * ROWS) * STATE_ROW + p0;

    float8 state[ROWS];
    clear_tiles(state);
    for (int chunk = 0; chunk < CHUNKS; ++chunk) {
        EACH_ROW(r, n0 + itemY * ROWS + r < STATE_SIZE)
        STORE_COLUMNS_F32_ALIGNED(states + r * STATE_ROW, itemX, state[r], STATE_ROW - p0);
        if (chunk + 1 == CHUNKS) break;
        sum_decays(dt, H, rate, CHUNK, item, sums, totals);
        const float decay = EXP2(sums[CHUNK - 1].x);
#pragma unroll
        for (int r = 0; r < ROWS; ++r) state[r] *= decay;
        add_chunk(state, x, dt, Bm, sums, CHUNK, H, G, n0, p0, itemX, itemY, left, right);
        x += (size_t)CHUNK * H * HEAD_SIZE;
        dt += (size_t)CHUNK * H;
        Bm += (size_t)CHUNK * G * STATE_SIZE;
        states += (size_t)H * STATE_SIZE * STATE_ROW;
    }
}

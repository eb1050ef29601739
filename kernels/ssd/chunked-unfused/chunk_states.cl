// What a chunk adds to its head's state: B^T (N x chunk) times x (chunk x P), each step's x times dt and what is left
// of it at the chunk's end. A work-group is 8 * ROWS of the N rows by 64 components.
#include "../../opencl/tiles.cl"
#include "../decays.cl"
#include "../chunk.cl"
#include "../chunk_state.cl"

JOULEMARK_STAGE {
    __local float left[DEPTH * TILE_ROWS] __attribute__((aligned(32)));
    __local float right[DEPTH * TILE_COLUMNS] __attribute__((aligned(32)));
    __local float2 sums[CHUNK];

    const int itemX = get_local_id(0), itemY = get_local_id(1), item = 8 * itemY + itemX;
    const int tiles = (STATE_SIZE + TILE_ROWS - 1) / TILE_ROWS;
    const int n0 = get_group_id(0) % tiles * TILE_ROWS, p0 = get_group_id(0) / tiles * TILE_COLUMNS;
    const int head = get_group_id(1), chunk = get_group_id(2) % CHUNKS, batch = get_group_id(2) / CHUNKS;
    const int steps = min(CHUNK, L - chunk * CHUNK);
    const size_t sequence = (size_t)batch * L + chunk * CHUNK;
    x += (sequence * H + head) * HEAD_SIZE;
    dt += sequence * H + head;
    Bm += (sequence * G + head / (H / G)) * STATE_SIZE;
    decays += ((size_t)batch * H + head) * 2 * L + chunk * CHUNK;
    states += ((((size_t)batch * CHUNKS + chunk) * H + head) * STATE_SIZE + n0 + itemY * ROWS) * STATE_ROW + p0;

    for (int i = item; i < steps; i += 64) sums[i] = (float2)(decays[i], decays[L + i]);
    barrier(CLK_LOCAL_MEM_FENCE);
    float8 state[ROWS];
    clear_tiles(state);
    add_chunk(state, x, dt, Bm, sums, steps, H, G, n0, p0, itemX, itemY, left, right);
    EACH_ROW(r, n0 + itemY * ROWS + r < STATE_SIZE)
    STORE_COLUMNS_F32_ALIGNED(states + r * STATE_ROW, itemX, state[r], STATE_ROW - p0);
}

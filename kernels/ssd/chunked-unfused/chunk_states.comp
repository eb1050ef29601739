#include "../ssd.glsl"

// What a chunk adds to its head's state: Bᵀ (N × chunk) times x (chunk × P), each step's x times dt and what is left of
// it at the chunk's end. A work-group is 8·ROWS of the N rows by 64 components.

TENSOR_x(STORED, inputs);
TENSOR_dt(STORED, dt);
TENSOR_Bm(STORED, Bm);
TENSOR_decays(float, decays);
TENSOR_states(float, states);

#include "../chunk.glsl"

void main() {
    const int x = int(gl_LocalInvocationID.x), y = int(gl_LocalInvocationID.y), item = 8 * y + x;
    const int tiles = (N + TILE_ROWS - 1) / TILE_ROWS;
    const int n0 = int(gl_WorkGroupID.x) % tiles * TILE_ROWS, p0 = int(gl_WorkGroupID.x) / tiles * 64;
    const int head = int(gl_WorkGroupID.y);
    const int chunk = int(gl_WorkGroupID.z) % chunkCount(), batch = int(gl_WorkGroupID.z) / chunkCount();
    const int steps = min(CHUNK, L - chunk * CHUNK), sequence = batch * L + chunk * CHUNK;
    const int inputBase = (sequence * H + head) * P, widthBase = sequence * H + head;
    const int driveBase = (sequence * G + head / (H / G)) * N;
    const int decayBase = (batch * H + head) * 2 * L + chunk * CHUNK;
    const vec2 last = vec2(decays[decayBase + steps - 1], decays[decayBase + L + steps - 1]);

    vec4 state[2 * ROWS];
    [[unroll]] for (int i = 0; i < 2 * ROWS; ++i) state[i] = vec4(0.0);
    for (int first = 0; first < steps; first += DEPTH) {
        for (int i = item; i < DEPTH * TILE_ROWS / 4; i += 64) {
            const int step = first + i / (TILE_ROWS / 4), n = n0 + i % (TILE_ROWS / 4) * 4;
            leftTile[i] = step < steps ? LOAD_WITHIN(LOAD, Bm, driveBase + step * G * N, n, N) : vec4(0.0);
        }
        for (int i = item; i < DEPTH * COLUMNS; i += 64) {
            const int step = first + i / COLUMNS, p = p0 + i % COLUMNS * 4;
            vec4 values = vec4(0.0);
            if (step < steps) {
                const float rest = difference(last, vec2(decays[decayBase + step], decays[decayBase + L + step]));
                values = LOAD_WITHIN(LOAD, inputs, inputBase + step * H * P, p, P)
                    * (exp2(rest) * LOAD(dt[widthBase + step * H]));
            }
            rightTile[i] = values;
        }
        barrier();
        MULTIPLY_TILES(state, leftTile, 0)
        barrier();
    }
    const int base = ((batch * chunkCount() + chunk) * H + head) * N * stateRow();
    [[unroll]] for (int r = 0; r < ROWS; ++r) {
        const int n = n0 + y * ROWS + r;
        if (n < N) {
            STORE_WITHIN(states, float, base + n * stateRow(), p0 + 4 * x, stateRow(), state[2 * r]);
            STORE_WITHIN(states, float, base + n * stateRow(), p0 + 4 * x + 32, stateRow(), state[2 * r + 1]);
        }
    }
}

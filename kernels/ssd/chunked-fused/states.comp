#include "../ssd.glsl"

// The states before each chunk. A work-group is 8·ROWS of the N rows of a head's state by 64 of its components, which
// stay in registers while it walks the chunks: state = decay over the chunk · state + Bᵀ (N × chunk) · scaled x (chunk
// × P).

TENSOR_x(STORED, inputs);
TENSOR_dt(STORED, dt);
TENSOR_A(STORED, A);
TENSOR_Bm(STORED, Bm);
TENSOR_states(float, states);

#include "../chunk.glsl"
#include "../decays.glsl"

void main() {
    const int x = int(gl_LocalInvocationID.x), y = int(gl_LocalInvocationID.y), item = 8 * y + x;
    const int tiles = (N + TILE_ROWS - 1) / TILE_ROWS;
    const int n0 = int(gl_WorkGroupID.x) % tiles * TILE_ROWS, p0 = int(gl_WorkGroupID.x) / tiles * 64;
    const int head = int(gl_WorkGroupID.y), batch = int(gl_WorkGroupID.z);
    const float rate = LOAD(A[head]) * LOG2_E;

    vec4 state[2 * ROWS];
    [[unroll]] for (int i = 0; i < 2 * ROWS; ++i) state[i] = vec4(0.0);
    for (int chunk = 0; chunk < chunkCount(); ++chunk) {
        const int stored = ((batch * chunkCount() + chunk) * H + head) * N * stateRow();
        [[unroll]] for (int r = 0; r < ROWS; ++r) {
            const int n = n0 + y * ROWS + r;
            if (n < N) {
                STORE_WITHIN(states, float, stored + n * stateRow(), p0 + 4 * x, stateRow(), state[2 * r]);
                STORE_WITHIN(states, float, stored + n * stateRow(), p0 + 4 * x + 32, stateRow(), state[2 * r + 1]);
            }
        }
        if (chunk + 1 == chunkCount()) break;
        const int sequence = batch * L + chunk * CHUNK;
        const int inputBase = (sequence * H + head) * P, widthBase = sequence * H + head;
        const int driveBase = (sequence * G + head / (H / G)) * N;
        sumDecays(widthBase, rate, CHUNK, item);
        const vec2 last = sums[CHUNK - 1];
        const float decay = exp2(last.x);
        [[unroll]] for (int i = 0; i < 2 * ROWS; ++i) state[i] *= decay;
        for (int first = 0; first < CHUNK; first += DEPTH) {
            for (int i = item; i < DEPTH * TILE_ROWS / 4; i += 64) {
                const int step = first + i / (TILE_ROWS / 4), n = n0 + i % (TILE_ROWS / 4) * 4;
                leftTile[i] = step < CHUNK ? LOAD_WITHIN(LOAD, Bm, driveBase + step * G * N, n, N) : vec4(0.0);
            }
            for (int i = item; i < DEPTH * COLUMNS; i += 64) {
                const int step = first + i / COLUMNS, p = p0 + i % COLUMNS * 4;
                vec4 values = vec4(0.0);
                if (step < CHUNK)
                    values = LOAD_WITHIN(LOAD, inputs, inputBase + step * H * P, p, P)
                        * (exp2(difference(last, sums[step])) * LOAD(dt[widthBase + step * H]));
                rightTile[i] = values;
            }
            barrier();
            MULTIPLY_TILES(state, leftTile, 0)
            barrier();
        }
    }
}

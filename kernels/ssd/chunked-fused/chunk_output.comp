#define TAKES_HEADS
#include "../ssd.glsl"

// The outputs of 8·ROWS steps of a chunk by 64 components of a head:
//   y = decay up to the step · C · (state before the chunk) + (C·Bᵀ, decay between the steps, dt) · x + D x
// C·Bᵀ is computed 64 steps at a time and lives in shared memory only. Work-groups with the most steps start first.

TENSOR_x(STORED, inputs);
TENSOR_dt(STORED, dt);
TENSOR_A(STORED, A);
TENSOR_Bm(STORED, Bm);
TENSOR_Cm(STORED, Cm);
TENSOR_Dv(STORED, Dv);
TENSOR_states(float, states);
TENSOR_y(STORED, outputs);

#include "../chunk_output.glsl"
#include "../decays.glsl"

shared vec4 weights[64 * TILE_ROWS / 4];  // [step][row]

void main() {
    const int x = int(gl_LocalInvocationID.x), y = int(gl_LocalInvocationID.y), item = 8 * y + x;
    const int tiles = (CHUNK + TILE_ROWS - 1) / TILE_ROWS;
    const int row0 = (tiles - 1 - int(gl_WorkGroupID.x) % tiles) * TILE_ROWS, p0 = int(gl_WorkGroupID.x) / tiles * 64;
    const int head = int(gl_WorkGroupID.y);
    const int chunk = int(gl_WorkGroupID.z) % chunkCount(), batch = int(gl_WorkGroupID.z) / chunkCount();
    const int steps = min(CHUNK, L - chunk * CHUNK), rows = min(TILE_ROWS, steps - row0);
    if (rows <= 0) return;
    const int sequence = batch * L + chunk * CHUNK;
    const int inputBase = (sequence * H + head) * P, widthBase = sequence * H + head;
    const int projectionBase = (sequence * G + head / (H / G)) * N, readoutBase = projectionBase + row0 * G * N;
    const int stateBase = ((batch * chunkCount() + chunk) * H + head) * N * stateRow();

    sumDecays(widthBase, LOAD(A[head]) * LOG2_E, row0 + rows, item);
    vec4 result[2 * ROWS];
    [[unroll]] for (int i = 0; i < 2 * ROWS; ++i) result[i] = vec4(0.0);
    if (chunk > 0) {
        MULTIPLY_STATES(result, readoutBase, stateBase)
        [[unroll]] for (int r = 0; r < ROWS; ++r) {
            const float decay = exp2(sums[min(row0 + y * ROWS + r, steps - 1)].x);
            result[2 * r] *= decay;
            result[2 * r + 1] *= decay;
        }
    }

    for (int first = 0; first < row0 + rows; first += 64) {
        const int columns = min(64, row0 + rows - first);
        vec4 products[2 * ROWS];
        [[unroll]] for (int i = 0; i < 2 * ROWS; ++i) products[i] = vec4(0.0);
        for (int n0 = 0; n0 < N; n0 += DEPTH) {
            STAGE_LEFT_STATES(Cm, readoutBase, G * N, n0, rows)
            STAGE_RIGHT_STATES(Bm, projectionBase + first * G * N, G * N, n0, columns)
            barrier();
            MULTIPLY_TILES(products, leftTile, 0)
            barrier();
        }
        [[unroll]] for (int e = 0; e < 8; ++e) {
            const int column = 4 * x + e % 4 + e / 4 * 32, step = first + column;
            [[unroll]] for (int r = 0; r < ROWS; ++r) {
                const int row = row0 + y * ROWS + r;
                float weight = 0.0;
                if (step <= row && row < row0 + rows)
                    weight = products[2 * r + e / 4][e % 4] * exp2(difference(sums[row], sums[step]))
                        * LOAD(dt[widthBase + step * H]);
                weights[column * (TILE_ROWS / 4) + y * PACKS + r / 4][r % 4] = weight;
            }
        }
        for (int slice = 0; slice < columns; slice += DEPTH) {
            stageInputs(inputBase + (first + slice) * H * P, columns - slice, p0, item);
            barrier();
            MULTIPLY_TILES(result, weights, slice)
            barrier();
        }
    }

    [[unroll]] for (int r = 0; r < ROWS; ++r) {
        const int row = row0 + y * ROWS + r;
        if (row < row0 + rows) storeOutputs(inputBase + row * H * P, head, p0 + 4 * x, result[2 * r], result[2 * r + 1]);
    }
}

#include "../ssd.glsl"

// The outputs of 8·ROWS steps of a chunk by 64 components of a head:
//   y = decay up to the step · C · (state before the chunk) + (C·Bᵀ, decay between the steps, dt) · x + D x
// Work-groups with the most steps start first.

TENSOR_x(STORED, inputs);
TENSOR_dt(STORED, dt);
TENSOR_Cm(STORED, Cm);
TENSOR_Dv(STORED, Dv);
TENSOR_decays(float, decays);
TENSOR_states(float, states);
TENSOR_products(float, products);
TENSOR_y(STORED, outputs);

#include "../chunk_output.glsl"

void main() {
    const int x = int(gl_LocalInvocationID.x), y = int(gl_LocalInvocationID.y), item = 8 * y + x;
    const int tiles = (Q + TILE_ROWS - 1) / TILE_ROWS;
    const int row0 = (tiles - 1 - int(gl_WorkGroupID.x) % tiles) * TILE_ROWS, p0 = int(gl_WorkGroupID.x) / tiles * 64;
    const int head = int(gl_WorkGroupID.y), group = head / (H / G);
    const int chunk = int(gl_WorkGroupID.z) % chunkCount(), batch = int(gl_WorkGroupID.z) / chunkCount();
    const int steps = min(Q, L - chunk * Q), rows = min(TILE_ROWS, steps - row0);
    if (rows <= 0) return;
    const int sequence = batch * L + chunk * Q, cell = batch * chunkCount() + chunk;
    const int inputBase = (sequence * H + head) * P, widthBase = sequence * H + head;
    const int readoutBase = ((sequence + row0) * G + group) * N;
    const int decayBase = (batch * H + head) * 2 * L + chunk * Q;
    const int stateBase = (cell * H + head) * N * stateRow();
    const int productBase = ((cell * G + group) * Q + row0) * productRow();

    vec4 sums[2 * ROWS];
    [[unroll]] for (int i = 0; i < 2 * ROWS; ++i) sums[i] = vec4(0.0);
    if (chunk > 0) {
        MULTIPLY_STATES(sums, readoutBase, stateBase)
        [[unroll]] for (int r = 0; r < ROWS; ++r) {
            const float decay = exp2(decays[decayBase + min(row0 + y * ROWS + r, steps - 1)]);
            sums[2 * r] *= decay;
            sums[2 * r + 1] *= decay;
        }
    }
    for (int first = 0; first < row0 + rows; first += DEPTH) {
        for (int i = item; i < TILE_ROWS * DEPTH; i += 64) {
            const int row = i / DEPTH, step = first + i % DEPTH;
            float weight = 0.0;
            if (row < rows && step <= row0 + row) {
                const vec2 own = vec2(decays[decayBase + row0 + row], decays[decayBase + L + row0 + row]);
                const vec2 other = vec2(decays[decayBase + step], decays[decayBase + L + step]);
                weight = products[productBase + row * productRow() + step] * LOAD(dt[widthBase + step * H])
                    * exp2(difference(own, other));
            }
            leftTile[(i % DEPTH * TILE_ROWS + row) / 4][row % 4] = weight;
        }
        stageInputs(inputBase + first * H * P, row0 + rows - first, p0, item);
        barrier();
        MULTIPLY_TILES(sums, leftTile, 0)
        barrier();
    }

    [[unroll]] for (int r = 0; r < ROWS; ++r) {
        const int row = row0 + y * ROWS + r;
        if (row < row0 + rows) storeOutputs(inputBase + row * H * P, head, p0 + 4 * x, sums[2 * r], sums[2 * r + 1]);
    }
}

// What a chunk adds to its head's state, on matrix units: Bᵀ (N × steps) times x (steps × P), each step's x times dt
// and what is left of it at the chunk's end. A stage fills stepFactors with those two.
#define COLUMNS_A
#include "ssd.glsl"
#include "../matrix_product.glsl"

TENSOR_x(STORED, inputs);
TENSOR_x(uvec4, wideInputs);
TENSOR_dt(STORED, dt);
TENSOR_Bm(STORED, drives);
TENSOR_Bm(uvec4, wideDrives);
TENSOR_states(vec4, states);

shared float stepFactors[CHUNK];

int steps, inputBase, driveBase, stateBase;

uvec4 wordA(int n, int step) {
    if (step >= steps) return uvec4(0u);
    ROW_WORD(word, drives, wideDrives, driveBase + step * G * STATE_SIZE, n, STATE_SIZE)
    return word;
}

uvec4 wordB(int step, int p) {
    if (step >= steps) return uvec4(0u);
    ROW_WORD(word, inputs, wideInputs, inputBase + step * H * HEAD_SIZE, p, HEAD_SIZE)
    const float factor = stepFactors[step];
    return uvec4(storedQuad(storedFloats(word.xy) * factor), storedQuad(storedFloats(word.zw) * factor));
}

void storeSums(int n, int p, vec4 values) {
    if (n < STATE_SIZE && p < stateRow()) states[(stateBase + n * stateRow() + p) / 4] = values;
}

// The block of the work-group, and its head's chunk.
void beginStates(int head, int chunk, int batch) {
    const int blocks = (STATE_SIZE + BLOCK_ROWS - 1) / BLOCK_ROWS, sequence = batch * L + chunk * CHUNK;
    row0 = int(gl_WorkGroupID.x) % blocks * BLOCK_ROWS;
    column0 = int(gl_WorkGroupID.x) / blocks * BLOCK_COLUMNS;
    steps = min(CHUNK, L - chunk * CHUNK);
    inputBase = (sequence * H + head) * HEAD_SIZE;
    driveBase = (sequence * G + head / (H / G)) * STATE_SIZE;
    stateBase = ((batch * chunkCount() + chunk) * H + head) * STATE_SIZE * stateRow();
}

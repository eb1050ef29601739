// The outputs of some steps of a chunk by some components of a head on matrix units: C · (state before the chunk), each
// row times the decay up to its step, then (C·Bᵀ, decay between the steps, dt) · x.
#define FACTORS BLOCK_ROWS
#include "../ssd.glsl"
#include "../../matrix_product.glsl"
#include "../matrix_output.glsl"

TENSOR_decays(float, decays);
TENSOR_products(vec4, products);

shared vec2 decaySums[CHUNK];
shared float widths[CHUNK];

// Which of the two products is under way.
bool isOfState;
int productBase;

vec4 weightQuad(int row, int step, vec4 product) {
    vec4 weights;
    [[unroll]] for (int i = 0; i < 4; ++i) {
        const int other = min(step + i, row);
        const float weight = product[i] * exp2(difference(decaySums[row], decaySums[other])) * widths[other];
        weights[i] = step + i <= row ? weight : 0.0;
    }
    return weights;
}

uvec4 wordA(int row, int k) {
    if (isOfState) return readoutWord(row, k);
    if (row >= steps || k > row) return uvec4(0u);
    const int place = (productBase + row * productRow() + k) / 4;
    return uvec4(
        storedQuad(weightQuad(row, k, products[place])), storedQuad(weightQuad(row, k + 4, products[place + 1])));
}

uvec4 wordB(int k, int p) { return isOfState ? stateWord(k, p) : inputWord(k, p); }

void storeSums(int step, int p, vec4 sums) { storeOutputs(step, p, sums); }

void main() {
    const int blocks = (CHUNK + BLOCK_ROWS - 1) / BLOCK_ROWS;
    row0 = (blocks - 1 - int(gl_WorkGroupID.x) % blocks) * BLOCK_ROWS;
    column0 = int(gl_WorkGroupID.x) / blocks * BLOCK_COLUMNS;
    beginChunk();
    if (row0 >= steps) return;
    const int seen = min(row0 + BLOCK_ROWS, steps), decayBase = (batch * H + head) * 2 * L + chunk * CHUNK;
    const int widthBase = (batch * L + chunk * CHUNK) * H + head;
    productBase = ((batch * chunkCount() + chunk) * G + head / (H / G)) * CHUNK * productRow();
    beginBlock();
    for (int step = item; step < seen; step += ITEMS) {
        decaySums[step] = vec2(decays[decayBase + step], decays[decayBase + L + step]);
        widths[step] = LOAD(dt[widthBase + step * H]);
    }
    for (int row = item; row < BLOCK_ROWS; row += ITEMS)
        rowFactors[row] = exp2(decays[decayBase + min(row0 + row, steps - 1)]);
    barrier();
    if (chunk > 0) {
        isOfState = true;
        multiplySlices(STATE_SIZE);
        scaleBlock();
    }
    isOfState = false;
    multiplySlices(seen);
    storeBlock();
}

// c = a · b with b in blocks of 32 weights of 4 bits, [column][block] of four words, and a scale a block. Many rows:
// blocks become floats on their way to shared memory, and the tiles are those of any product. One row: a work-group of
// 64 has four columns; a work-item takes every 64th block of each, 16 bytes at once, and its activations, read once for
// the four.
#define SLICE 32
#define OWN_COLUMNS
#include "../matmul.glsl"
#include "../../tiles.glsl"

TENSOR_a(STORED4, a);
TENSOR_b_q4(uvec4, blocks);
TENSOR_b_q4_scales(STORED, scales);

const int OWN = 4;  // columns of a work-group for one row
shared vec4 partial[SINGLE_ROW != 0 ? 64 : 1];

int row0;

vec4 rowQuad(int tileRow, int k) {
    const int row = row0 + tileRow;
    return row < M ? LOAD4(a[(row * K + k) / 4]) : vec4(0.0);
}

// Four weights of a word from bit `first` on, still 8 too large.
vec4 weights(uint word, int first) {
    return vec4(
        bitfieldExtract(word, first, 4), bitfieldExtract(word, first + 4, 4), bitfieldExtract(word, first + 8, 4),
        bitfieldExtract(word, first + 12, 4));
}

// A block of a column each work-item.
void loadBlocks(int column0, int block, int item) {
    const int column = column0 + item, place = column * (K / 32) + block;
    const uvec4 words = column < N ? blocks[place] : uvec4(0u);
    const float scale = column < N ? LOAD(scales[place]) : 0.0;
    [[unroll]] for (int quad = 0; quad < 8; ++quad) {
        const vec4 values = (weights(words[quad / 2], quad % 2 * 16) - 8.0) * scale;
        [[unroll]] for (int i = 0; i < 4; ++i) columnTile[(4 * quad + i) * COLUMNS + item / 4][item % 4] = values[i];
    }
}

void singleRow() {
    const int item = int(gl_LocalInvocationIndex), column0 = int(gl_WorkGroupID.x) * OWN;
    vec4 total = vec4(0.0);
    for (int block = item; block < K / 32; block += 64) {
        vec4 activations[8];
        vec4 all = vec4(0.0);
        [[unroll]] for (int quad = 0; quad < 8; ++quad) {
            activations[quad] = LOAD4(a[block * 8 + quad]);
            all += activations[quad];
        }
        const float offset = 8.0 * ((all.x + all.y) + (all.z + all.w));
        [[unroll]] for (int n = 0; n < OWN; ++n) {
            const int place = min(column0 + n, N - 1) * (K / 32) + block;
            const uvec4 words = blocks[place];
            vec4 products = vec4(0.0);
            [[unroll]] for (int quad = 0; quad < 8; ++quad)
                products += weights(words[quad / 2], quad % 2 * 16) * activations[quad];
            total[n] += (((products.x + products.y) + (products.z + products.w)) - offset) * LOAD(scales[place]);
        }
    }
    partial[item] = total;
    [[unroll]] for (int distance = 32; distance > 0; distance /= 2) {
        barrier();
        if (item < distance) partial[item] += partial[item + distance];
    }
    if (item == 0) storeQuad(0, column0, partial[0]);
}

void main() {
    if (SINGLE_ROW != 0) {
        singleRow();
        return;
    }
    const int x = int(gl_LocalInvocationID.x), y = int(gl_LocalInvocationID.y);
    const int item = int(gl_LocalInvocationIndex), column0 = int(gl_WorkGroupID.x) * 64;
    row0 = int(gl_WorkGroupID.y) * 8 * ROWS;
    clearSums();
    for (int block = 0; block < K / 32; ++block) {
        loadRows(block * 32, item);
        loadBlocks(column0, block, item);
        barrier();
        multiplySlice(x, y);
        barrier();
    }
    [[unroll]] for (int j = 0; j < ROWS; ++j) {
        const int row = row0 + y + 8 * j;
        if (row >= M) break;
        storeQuad(row, column0 + 4 * x, sums[2 * j]);
        storeQuad(row, column0 + 4 * x + 32, sums[2 * j + 1]);
    }
}

// c = a · b in 8-bit integers, four a word along the depth in both operands, times a scale a row and one a column. The
// integers become floats on their way to shared memory: 32 of their products, each at most 127², sum exactly in a
// float, and are then added as an integer. (This compiler's GLSL has no packed integer dot product.) One row: a
// work-group of 64 has four columns; a work-item takes every 64th run of 16 integers of each.
#define SLICE 32
#define OWN_COLUMNS
#include "../matmul.glsl"
#include "../../tiles.glsl"

TENSOR_a_q8(ivec4, a);
TENSOR_a_q8_scales(STORED, rowScales);
TENSOR_b_q8(ivec4, b);
TENSOR_b_q8_scales(STORED, columnScales);

const int OWN = 4;
shared ivec4 partial[SINGLE_ROW != 0 ? 64 : 1];

int row0;

vec4 unpacked(int word) {
    return vec4(
        bitfieldExtract(word, 0, 8), bitfieldExtract(word, 8, 8), bitfieldExtract(word, 16, 8),
        bitfieldExtract(word, 24, 8));
}

vec4 rowQuad(int tileRow, int k) {
    const int row = row0 + tileRow;
    return row < M ? unpacked(a[(row * K + k) / 16][k / 4 % 4]) : vec4(0.0);
}

// 32 integers of a column each work-item.
void loadIntegers(int column0, int k0, int item) {
    const int column = column0 + item;
    [[unroll]] for (int run = 0; run < SLICE / 16; ++run) {
        const ivec4 words = column < N ? b[(column * K + k0) / 16 + run] : ivec4(0);
        [[unroll]] for (int word = 0; word < 4; ++word) {
            const vec4 values = unpacked(words[word]);
            [[unroll]] for (int i = 0; i < 4; ++i)
                columnTile[(16 * run + 4 * word + i) * COLUMNS + item / 4][item % 4] = values[i];
        }
    }
}

void singleRow() {
    const int item = int(gl_LocalInvocationIndex), column0 = int(gl_WorkGroupID.x) * OWN;
    ivec4 total = ivec4(0);
    for (int run = item; run < K / 16; run += 64) {
        const ivec4 left = a[run];
        vec4 activations[4];
        [[unroll]] for (int word = 0; word < 4; ++word) activations[word] = unpacked(left[word]);
        [[unroll]] for (int n = 0; n < OWN; ++n) {
            const ivec4 right = b[min(column0 + n, N - 1) * (K / 16) + run];
            vec4 products = activations[0] * unpacked(right[0]);
            [[unroll]] for (int word = 1; word < 4; ++word) products += activations[word] * unpacked(right[word]);
            total[n] += int((products.x + products.y) + (products.z + products.w));
        }
    }
    partial[item] = total;
    [[unroll]] for (int distance = 32; distance > 0; distance /= 2) {
        barrier();
        if (item < distance) partial[item] += partial[item + distance];
    }
    if (item == 0) {
        vec4 values = vec4(partial[0]) * LOAD(rowScales[0]);
        [[unroll]] for (int n = 0; n < OWN; ++n) values[n] *= LOAD(columnScales[min(column0 + n, N - 1)]);
        storeQuad(0, column0, values);
    }
}

vec4 scaleQuad(int column) {
    vec4 scales = vec4(0.0);
    [[unroll]] for (int i = 0; i < 4; ++i)
        if (column + i < N) scales[i] = LOAD(columnScales[column + i]);
    return scales;
}

void main() {
    if (SINGLE_ROW != 0) {
        singleRow();
        return;
    }
    const int x = int(gl_LocalInvocationID.x), y = int(gl_LocalInvocationID.y);
    const int item = int(gl_LocalInvocationIndex), column0 = int(gl_WorkGroupID.x) * 64;
    row0 = int(gl_WorkGroupID.y) * 8 * ROWS;
    ivec4 totals[ROWS * 2];
    [[unroll]] for (int i = 0; i < ROWS * 2; ++i) totals[i] = ivec4(0);
    for (int k0 = 0; k0 < K; k0 += SLICE) {
        loadRows(k0, item);
        loadIntegers(column0, k0, item);
        clearSums();
        barrier();
        multiplySlice(x, y);
        [[unroll]] for (int i = 0; i < ROWS * 2; ++i) totals[i] += ivec4(sums[i]);
        barrier();
    }
    const vec4 low = scaleQuad(column0 + 4 * x), high = scaleQuad(column0 + 4 * x + 32);
    [[unroll]] for (int j = 0; j < ROWS; ++j) {
        const int row = row0 + y + 8 * j;
        if (row >= M) break;
        const float scale = LOAD(rowScales[row]);
        storeQuad(row, column0 + 4 * x, vec4(totals[2 * j]) * (scale * low));
        storeQuad(row, column0 + 4 * x + 32, vec4(totals[2 * j + 1]) * (scale * high));
    }
}

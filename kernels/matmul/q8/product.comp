// c = a · b in 8-bit integers, four a word along the depth in both operands, times a scale a row and one a column. The
// variants with DOT4 multiply words by an instruction. Without it the integers become floats on their way to shared
// memory: 32 of their products, each at most 127², sum exactly in a float, and are then added as an integer. One row: a
// work-group of 64 has four columns; a work-item takes every 64th run of 16 integers of each.
#define SLICE 32
#define OWN_COLUMNS
#include "../matmul.glsl"
#ifdef DOT4
#include "../../dot4.glsl"
#else
#include "../../tiles.glsl"
#endif

TENSOR_a_q8(ivec4, a);
TENSOR_a_q8_scales(STORED, rowScales);
TENSOR_b_q8(ivec4, b);
TENSOR_b_q8_scales(STORED, columnScales);

const int OWN = 4;
shared ivec4 partial[SINGLE_ROW != 0 ? 64 : 1];

int row0;

#ifdef DOT4
const int STEPS = SLICE / 4, COLUMNS = 16;
shared int rowWords[STEPS * 8 * ROWS];         // [step][row]
shared ivec4 columnWords[STEPS * COLUMNS];     // [step][column]

// Eight words of each row and column of the tile; 0 for what is outside.
void loadSlice(int column0, int k0, int item) {
    const int column = column0 + item;
    for (int i = item; i < 8 * ROWS * (SLICE / 16); i += 64) {
        const int row = i / (SLICE / 16), run = i % (SLICE / 16);
        const ivec4 words = row0 + row < M ? a[((row0 + row) * K + k0) / 16 + run] : ivec4(0);
        [[unroll]] for (int word = 0; word < 4; ++word) rowWords[(4 * run + word) * 8 * ROWS + row] = words[word];
    }
    [[unroll]] for (int run = 0; run < SLICE / 16; ++run) {
        const ivec4 words = column < N ? b[(column * K + k0) / 16 + run] : ivec4(0);
        [[unroll]] for (int word = 0; word < 4; ++word)
            columnWords[(4 * run + word) * COLUMNS + item / 4][item % 4] = words[word];
    }
}

ivec4 dots(int left, ivec4 right, ivec4 sums) {
    return ivec4(
        dot4(left, right.x, sums.x), dot4(left, right.y, sums.y), dot4(left, right.z, sums.z),
        dot4(left, right.w, sums.w));
}

ivec4 totals[ROWS * 2];

void addSlice(int x, int y) {
    [[unroll]] for (int step = 0; step < STEPS; ++step) {
        const ivec4 low = columnWords[step * COLUMNS + x], high = columnWords[step * COLUMNS + x + 8];
        [[unroll]] for (int j = 0; j < ROWS; ++j) {
            const int row = rowWords[step * 8 * ROWS + y + 8 * j];
            totals[2 * j] = dots(row, low, totals[2 * j]);
            totals[2 * j + 1] = dots(row, high, totals[2 * j + 1]);
        }
    }
}
#else
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

void loadSlice(int column0, int k0, int item) {
    loadRows(k0, item);
    loadIntegers(column0, k0, item);
}

ivec4 totals[ROWS * 2];

void addSlice(int x, int y) {
    clearSums();
    multiplySlice(x, y);
    [[unroll]] for (int i = 0; i < ROWS * 2; ++i) totals[i] += ivec4(sums[i]);
}
#endif

// The products of a run of 16 integers.
int product(ivec4 left, ivec4 right) {
#ifdef DOT4
    return dot4(left.w, right.w, dot4(left.z, right.z, dot4(left.y, right.y, dot4(left.x, right.x, 0))));
#else
    vec4 products = unpacked(left.x) * unpacked(right.x);
    [[unroll]] for (int word = 1; word < 4; ++word) products += unpacked(left[word]) * unpacked(right[word]);
    return int((products.x + products.y) + (products.z + products.w));
#endif
}

void singleRow() {
    const int item = int(gl_LocalInvocationIndex), column0 = int(gl_WorkGroupID.x) * OWN;
    ivec4 total = ivec4(0);
    for (int run = item; run < K / 16; run += 64) {
        const ivec4 left = a[run];
        [[unroll]] for (int n = 0; n < OWN; ++n)
            total[n] += product(left, b[min(column0 + n, N - 1) * (K / 16) + run]);
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
    [[unroll]] for (int i = 0; i < ROWS * 2; ++i) totals[i] = ivec4(0);
    for (int k0 = 0; k0 < K; k0 += SLICE) {
        loadSlice(column0, k0, item);
        barrier();
        addSlice(x, y);
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

// Two of four become four on their way to shared memory, where the other two are zeros: a is read at half of its size,
// and multiplied as a dense matrix.
#include "../matrix_product.glsl"

TENSOR_a_two_four_data(STORED, values);
TENSOR_a_two_four_data(uvec2, wideValues);
TENSOR_a_two_four_indices(int, places);

uvec4 wordA(int row, int k) {
    uvec4 word = uvec4(0u);
    const int size = K / 2, start = row * size + k / 2;
    if (row >= M || k / 2 >= size) return word;
    uvec2 four = uvec2(0u);
    if (size % 4 == 0) {
        four = wideValues[start / 4];
    } else {
        [[unroll]] for (int i = 0; i < 4; ++i)
            if (k / 2 + i < size) four[i / 2] |= STORED_BITS(values[start + i]) << (i % 2 * 16);
    }
    const int codes = places[row * ((size + 15) / 16) + k / 32] >> k % 32;
    [[unroll]] for (int i = 0; i < 4; ++i) {
        const int place = codes >> (2 * i) & 3;
        const uint value = (four[i / 2] >> (i % 2 * 16) & 0xffffu) << (place % 2 * 16);
        word[i / 2 * 2] |= place < 2 ? value : 0u;
        word[i / 2 * 2 + 1] |= place < 2 ? 0u : value;
    }
    return word;
}

int rowOfB(int k) { return k < K ? k : -1; }

void main() {
    row0 = int(gl_WorkGroupID.y) * BLOCK_ROWS;
    column0 = int(gl_WorkGroupID.x) * BLOCK_COLUMNS;
    multiplyBlock(K);
}

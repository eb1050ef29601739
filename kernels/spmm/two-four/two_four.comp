#include "../columns.glsl"
#include "../partial.glsl"

// A work-item has one row and its columns of b, and takes a word of sixteen places at a time: sixteen loads of b that
// wait for nothing but the word. With few columns, SLOTS work-items share a row's words.

TENSOR_a_two_four_data(STORED, values);
TENSOR_a_two_four_indices(int, words);

void main() {
    const int y = int(gl_LocalInvocationID.y), slot = y % SLOTS;
    const int row = int(gl_WorkGroupID.x) * (ROWS / SLOTS) + y / SLOTS;
    const int size = K / 2, wordCount = (size + 15) / 16;
    chooseColumns(int(gl_WorkGroupID.y), int(gl_LocalInvocationID.x));
    Sums sums = NOTHING;
    for (int word = slot; row < M && word < wordCount; word += SLOTS) {
        const int places = words[row * wordCount + word], from = row * size + word * 16;
        if (word * 16 + 16 <= size) {
            [[unroll]] for (int i = 0; i < 16; ++i)
                addScaled(sums, LOAD(values[from + i]), rowOfB(word * 32 + i / 2 * 4 + (places >> (2 * i) & 3)));
        } else {
            for (int i = 0; i < size - word * 16; ++i)
                addScaled(sums, LOAD(values[from + i]), rowOfB(word * 32 + i / 2 * 4 + (places >> (2 * i) & 3)));
        }
    }
    if (SLOTS > 1) sums = total(sums, int(gl_LocalInvocationIndex), slot, SLOTS);
    if (row < M && slot == 0) storeSums(row, sums);
}

#version 450
#define B_BINDING 2
#define C_BINDING 3
#include "../columns.glsl"
#include "../partial.glsl"

// A work-item has one row and its columns of b, and takes a word of sixteen places at a time: sixteen loads of b that wait for
// nothing but the word. With few columns, SLOTS work-items share a row's words.
layout(constant_id = 6) const int SLOTS = 1;

layout(set = 0, binding = 0, std430) readonly buffer Values { STORED values[]; };
layout(set = 0, binding = 1, std430) readonly buffer Places { int words[]; };

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
                addScaled(sums, float(values[from + i]), rowOfB(word * 32 + i / 2 * 4 + (places >> (2 * i) & 3)));
        } else {
            for (int i = 0; i < size - word * 16; ++i)
                addScaled(sums, float(values[from + i]), rowOfB(word * 32 + i / 2 * 4 + (places >> (2 * i) & 3)));
        }
    }
    if (SLOTS > 1) sums = total(sums, int(gl_LocalInvocationIndex), slot, SLOTS);
    if (row < M && slot == 0) storeSums(row, sums);
}

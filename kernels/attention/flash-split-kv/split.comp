#define PACKS_GROUP
#define PARTIAL_OUTPUT
#include "../attention.glsl"

// One part of the keys that a tile of rows sees: the output before its division, the maximum and the sum.
TENSOR_q(STORED4, q);
TENSOR_k(STORED4, k);
TENSOR_v(STORED4, v);
TENSOR_partials(vec4, partials);
TENSOR_extremes(vec2, extremes);

#include "../one_pass.glsl"
#include "../key_range.glsl"

void main() {
    begin(int(gl_WorkGroupID.x) * 8 * ROWS, Lq * GROUP, int(gl_WorkGroupID.y));
    const int part = int(gl_WorkGroupID.z), parts = SPLITS;
    const int first = firstKeyOfRows(), end = endKeyOfRows();
    const int share = (max(end - first, 0) + parts - 1) / parts;
    const int partFirst = min(first + part * share, end);
    attend(partFirst, min(partFirst + share, end), scale);

    totalSums();
    const int partBase = part * B * Hq * Lq;
    [[unroll]] for (int j = 0; j < ROWS; ++j) {
        if (rowOf(j) >= endRow) break;
        const int base = rowBase(rowOf(j)) + partBase * depth;
        [[unroll]] for (int c = 0; c < HEAD_COLUMNS; ++c) {
            if (x + 8 * c < depth) partials[base + x + 8 * c] = outputs[j * HEAD_COLUMNS + c];
        }
        if (x == 0) extremes[base / depth] = vec2(maxima[j / 4][j % 4], sums[j / 4][j % 4]);
    }
}

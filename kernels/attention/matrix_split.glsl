// One part of the keys that a tile of rows sees: the output before its division, the maximum and the sum.
#define PACKS_GROUP
#define PARTIAL_OUTPUT
#include "matrix_pass.glsl"

TENSOR_partials(vec4, partials);
TENSOR_extremes(vec2, extremes);

// Rows of the parts before this one.
int partBase;

void storeWord(int row, int word, vec4 low, vec4 high) {
    const int place = 2 * (rowBase(row) + partBase * words + word);
    partials[place] = low;
    partials[place + 1] = high;
}

void main() {
    begin(int(gl_WorkGroupID.x) * TILE_ROWS, Lq * GROUP, int(gl_WorkGroupID.y));
    const int part = int(gl_WorkGroupID.z), parts = SPLITS;
    const int first = firstKey(row0 / GROUP), end = endKey(lastRow() / GROUP);
    const int share = (max(end - first, 0) + parts - 1) / parts;
    const int partFirst = min(first + part * share, end);
    attend(partFirst, min(partFirst + share, end), scale);

    totalSums();
    partBase = part * B * Hq * Lq;
    [[unroll]] for (int j = 0; j < ITEM_ROWS; ++j) {
        const int row = row0 + tileRow(j);
        if (lane < PART_ROWS && row < endRow) extremes[rowBase(row) / words + partBase] = vec2(maxima[j], sums[j]);
    }
    storeOutputs();
}

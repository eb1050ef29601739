#version 450
#define PACKS_GROUP
#define PARTIAL_OUTPUT
#define FURTHER_ARGUMENTS float scale;
#include "../attention.glsl"

// One part of the keys that a tile of rows sees: the output before its division, the maximum and the sum.
layout(set = 0, binding = 0, std430) readonly buffer Queries { STORED4 q[]; };
layout(set = 0, binding = 1, std430) readonly buffer Keys { STORED4 k[]; };
layout(set = 0, binding = 2, std430) readonly buffer Values { STORED4 v[]; };
layout(set = 0, binding = 3, std430) writeonly buffer Partials { vec4 partials[]; };
layout(set = 0, binding = 4, std430) writeonly buffer Extremes { vec2 extremes[]; };

#include "../one_pass.glsl"
#include "../key_range.glsl"

void main() {
    begin(int(gl_WorkGroupID.x) * 8 * ROWS, Lq * GROUP, int(gl_WorkGroupID.y));
    const int part = int(gl_WorkGroupID.z), parts = int(gl_NumWorkGroups.z);
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

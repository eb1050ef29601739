#version 450
#define B_BINDING 3
#define C_BINDING 4
#include "../columns.glsl"

// A work-item has one row and its columns of b; the lanes of a row read the same indices and values, and neighbouring
// columns. Four elements at a time are loaded before the first is used; each BLOCK of them have sums of their own, so that
// those of a long row round no more than dense's.
layout(set = 0, binding = 0, std430) readonly buffer Offsets { int offsets[]; };
layout(set = 0, binding = 1, std430) readonly buffer Indices { int indices[]; };
layout(set = 0, binding = 2, std430) readonly buffer Values { STORED values[]; };

const int BLOCK = 64;

void main() {
    const int row = int(gl_WorkGroupID.x) * ROWS + int(gl_LocalInvocationID.y);
    if (row >= M) return;
    chooseColumns(int(gl_WorkGroupID.y), int(gl_LocalInvocationID.x));
    Sums sums = NOTHING;
    const int end = offsets[row + 1];
    for (int place = offsets[row]; place < end;) {
        const int stop = min(place + BLOCK, end);
        Sums part = NOTHING;
        for (; place + 4 <= stop; place += 4) {
            Sums rows[4];
            [[unroll]] for (int i = 0; i < 4; ++i) rows[i] = rowOfB(indices[place + i]);
            [[unroll]] for (int i = 0; i < 4; ++i) addScaled(part, float(values[place + i]), rows[i]);
        }
        for (; place < stop; ++place) addScaled(part, float(values[place]), rowOfB(indices[place]));
        addScaled(sums, 1.0, part);
    }
    storeSums(row, sums);
}

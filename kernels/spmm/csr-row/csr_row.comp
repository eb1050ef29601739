#include "../columns.glsl"

// A work-item has one row and its columns of b; the lanes of a row read the same indices and values, and neighbouring
// columns. Four elements at a time are loaded before the first is used; each BLOCK of them have sums of their own, so
// that those of a long row round no more than dense's.
TENSOR_a_indptr(int, offsets);
TENSOR_a_indices(int, indices);
TENSOR_a_data(STORED, values);

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
            [[unroll]] for (int i = 0; i < 4; ++i) addScaled(part, LOAD(values[place + i]), rows[i]);
        }
        for (; place < stop; ++place) addScaled(part, LOAD(values[place]), rowOfB(indices[place]));
        addScaled(sums, 1.0, part);
    }
    storeSums(row, sums);
}

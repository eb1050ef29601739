#include "../columns.glsl"

// A work-item has one row of a slice and its columns of b. Neighbouring rows' elements are neighbours, and a slice's
// rows take equally many steps. With one column a slice is half of a work-group, and all that it reads of a lies
// together. Each BLOCK elements of a row have sums of their own, so that those of a long row round no more than
// dense's.
TENSOR_a_sell_offsets(int, offsets);
TENSOR_a_sell_rows(int, rows);
TENSOR_a_sell_indices(int, indices);
TENSOR_a_sell_data(STORED, values);

const int SLICE = 32;
const int BLOCK = 64;

void main() {
    const int index = int(gl_WorkGroupID.x) * ROWS + int(gl_LocalInvocationID.y);
    if (index >= M) return;
    chooseColumns(int(gl_WorkGroupID.y), int(gl_LocalInvocationID.x));
    Sums sums = NOTHING;
    const int end = offsets[index / SLICE + 1];
    for (int place = offsets[index / SLICE] + index % SLICE; place < end;) {
        const int stop = min(place + BLOCK * SLICE, end);
        Sums part = NOTHING;
        for (; place < stop; place += SLICE) addScaled(part, LOAD(values[place]), rowOfB(indices[place]));
        addScaled(sums, 1.0, part);
    }
    storeSums(rows[index], sums);
}

#include "../columns.glsl"
#include "../partial.glsl"

// A work-group has one row. Its elements are dealt out along y, its columns along x; sums along y are added at the end.
// With one column all 64 work-items read neighbouring elements.
TENSOR_a_indptr(int, offsets);
TENSOR_a_indices(int, indices);
TENSOR_a_data(STORED, values);

void main() {
    const int row = int(gl_WorkGroupID.x), part = int(gl_LocalInvocationID.y);
    chooseColumns(int(gl_WorkGroupID.y), int(gl_LocalInvocationID.x));
    Sums sums = NOTHING;
    const int end = offsets[row + 1];
    for (int place = offsets[row] + part; place < end; place += ROWS)
        addScaled(sums, LOAD(values[place]), rowOfB(indices[place]));
    sums = total(sums, int(gl_LocalInvocationIndex), part, ROWS);
    if (part == 0) storeSums(row, sums);
}

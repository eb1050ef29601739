#define TAKES_PARTITIONS
#include "../columns.glsl"

// The merge path (Merrill and Garland 2016, section 3): the ends of rows merged with the stored elements; step d has
// finished r rows and done d − r elements. A work-group has ROWS partitions of ITEMS steps. It copies their elements to
// shared memory, neighbours by neighbours; then each partition walks its own part, LANES work-items side by side along
// the columns. The row that a partition ends in goes to its carry; the one that it begins in lacks what earlier
// partitions carry out.

TENSOR_a_indptr(int, offsets);
TENSOR_a_indices(int, indices);
TENSOR_a_data(STORED, values);
TENSOR_carry_rows(int, carryRows);
TENSOR_carry_values(float, carryValues);
TENSOR_carry_values(vec4, carryVectors);

shared int rowStarts[ROWS + 1];
shared int columns[ROWS * ITEMS];
shared float elements[ROWS * ITEMS];

// Rows that are finished after `step` steps.
int mergeRow(int step) {
    int low = 0, high = min(M, step);
    while (low < high) {
        const int middle = (low + high) / 2;
        if (middle + 1 + offsets[middle + 1] <= step) low = middle + 1;
        else high = middle;
    }
    return low;
}

void storeCarry(int index, Sums sums) {
    if (COLUMNS == 1) {
        if (hasFirst) carryValues[index * rowLength + firstPlace] = sums.first.x;
    } else {
        if (hasFirst) carryVectors[index * rowLength + firstPlace] = sums.first;
        if (hasSecond) carryVectors[index * rowLength + secondPlace] = sums.second;
    }
}

void main() {
    const int part = int(gl_LocalInvocationID.y), item = int(gl_LocalInvocationIndex);
    const int group = int(gl_WorkGroupID.x), steps = M + offsets[M], groupStep = group * ROWS * ITEMS;
    for (int i = item; i <= ROWS; i += ROWS * LANES) rowStarts[i] = mergeRow(min(groupStep + i * ITEMS, steps));
    barrier();
    const int groupStart = groupStep - rowStarts[0];
    const int groupEnd = min(groupStep + ROWS * ITEMS, steps) - rowStarts[ROWS];
    for (int i = item; i < groupEnd - groupStart; i += ROWS * LANES) {
        columns[i] = indices[groupStart + i];
        elements[i] = LOAD(values[groupStart + i]);
    }
    barrier();

    const int index = group * ROWS + part;
    if (index >= partitions) return;
    chooseColumns(int(gl_WorkGroupID.y), int(gl_LocalInvocationID.x));
    int row = rowStarts[part], place = groupStep + part * ITEMS - row - groupStart;
    const int endRow = rowStarts[part + 1];
    const int end = min(groupStep + (part + 1) * ITEMS, steps) - endRow - groupStart;
    Sums sums = NOTHING;
    for (; row < endRow; ++row) {
        const int rowEnd = offsets[row + 1] - groupStart;
        for (; place < rowEnd; ++place) addScaled(sums, elements[place], rowOfB(columns[place]));
        storeSums(row, sums);
        sums = NOTHING;
    }
    for (; place < end; ++place) addScaled(sums, elements[place], rowOfB(columns[place]));
    if (gl_WorkGroupID.y == 0 && gl_LocalInvocationID.x == 0) carryRows[index] = endRow;
    storeCarry(index, sums);
}

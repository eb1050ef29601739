// The columns of b and c that a work-item has: COLUMNS of them, 8 where N allows and 1 otherwise. LANES work-items
// along x have COLUMNS · LANES columns together; along y lie ROWS = 64 / LANES rows, or parts of one. The 8 columns are
// two vectors, LANES vectors apart, so that the lanes read consecutive bytes. Lanes beyond the last column read the
// first and store nothing.
//
// b and c are declared twice, as vectors for COLUMNS = 8 and as elements for COLUMNS = 1; a pipeline uses one of the
// two.
#ifndef COLUMNS_GLSL
#define COLUMNS_GLSL

#include "../storage.glsl"

TENSOR_b(STORED, b);
TENSOR_b(STORED4, b4);
TENSOR_c(STORED, c);
TENSOR_c(STORED4, c4);

// A work-item's columns of a row of c. With COLUMNS = 1 only first.x counts.
struct Sums {
    vec4 first, second;
};

const Sums NOTHING = Sums(vec4(0.0), vec4(0.0));

// The work-item's place in a row of b or c, in vectors or elements, and whether its columns exist.
int firstPlace, secondPlace, rowLength;
bool hasFirst, hasSecond;

void chooseColumns(int group, int lane) {
    rowLength = N / COLUMNS * (COLUMNS == 1 ? 1 : 2);
    const int start = group * LANES * (COLUMNS == 1 ? 1 : 2);
    hasFirst = start + lane < rowLength;
    hasSecond = COLUMNS > 1 && start + lane + LANES < rowLength;
    firstPlace = hasFirst ? start + lane : 0;
    secondPlace = hasSecond ? start + lane + LANES : 0;
}

Sums rowOfB(int k) {
    if (COLUMNS == 1) return Sums(vec4(LOAD(b[k * rowLength + firstPlace]), 0.0, 0.0, 0.0), vec4(0.0));
    return Sums(LOAD4(b4[k * rowLength + firstPlace]), LOAD4(b4[k * rowLength + secondPlace]));
}

void addScaled(inout Sums sums, float value, Sums row) {
    if (COLUMNS == 1) {
        sums.first.x += value * row.first.x;
    } else {
        sums.first += value * row.first;
        sums.second += value * row.second;
    }
}

void storeSums(int row, Sums sums) {
    if (COLUMNS == 1) {
        if (hasFirst) c[row * rowLength + firstPlace] = STORE(sums.first.x);
    } else {
        if (hasFirst) c4[row * rowLength + firstPlace] = STORE4(sums.first);
        if (hasSecond) c4[row * rowLength + secondPlace] = STORE4(sums.second);
    }
}

#endif

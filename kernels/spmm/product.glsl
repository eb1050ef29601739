// What dense and bsr share: a product of tiles in shared memory, where no size need be a multiple of anything. A
// work-group of 8 × 8 has 8·ROWS rows by 64 columns, a work-item ROWS × 8: with ROWS = 8, 16 vectors from shared memory
// feed 256 multiply-adds. SLICE columns of a and rows of b lie there at a time; LEFT declares a view of a. Each tensor
// is declared twice, as vectors and as elements for row lengths that 4 does not divide.
#ifndef PRODUCT_GLSL
#define PRODUCT_GLSL

LEFT(STORED, a);
LEFT(STORED4, a4);
TENSOR_b(STORED, b);
TENSOR_b(STORED4, b4);
TENSOR_c(STORED, c);
TENSOR_c(STORED4, c4);

const int STRIDE = SLICE / 4 + 1;  // one more, so that the work-items of a column of the group read different banks

shared vec4 leftTile[8 * ROWS * STRIDE];
shared vec4 rightTile[SLICE * 16];

// A work-item's part of the tile. Not a parameter: lavapipe copies only the first element of an array whose size is a
// specialisation constant.
vec4 sums[ROWS * 2];

void clearSums() {
    [[unroll]] for (int i = 0; i < ROWS * 2; ++i) sums[i] = vec4(0.0);
}

// Rows from `first` (of rows that have `stride` elements) and columns from `column`; 0 beyond `rowCount` and
// `columnCount`.
void loadLeft(int first, int rowCount, int column, int columnCount, int stride, int item) {
    const int quads = SLICE / 4;
    for (int i = item; i < 8 * ROWS * quads; i += 64) {
        const int row = i / quads, d = column + i % quads * 4;
        vec4 values = vec4(0.0);
        if (row < rowCount) {
            const int place = (first + row) * stride + d;
            if (stride % 4 == 0) {
                if (d < columnCount) values = LOAD4(a4[place / 4]);
            } else {
                [[unroll]] for (int e = 0; e < 4; ++e) if (d + e < columnCount) values[e] = LOAD(a[place + e]);
            }
        }
        leftTile[row * STRIDE + i % quads] = values;
    }
}

// SLICE rows of b from `first`, 64 columns from `column`.
void loadRight(int first, int column, int item) {
    [[unroll]] for (int i = item; i < SLICE * 16; i += 64) {
        const int row = first + i / 16, d = column + i % 16 * 4;
        vec4 values = vec4(0.0);
        if (row < K) {
            const int place = row * N + d;
            if (N % 4 == 0) {
                if (d < N) values = LOAD4(b4[place / 4]);
            } else {
                [[unroll]] for (int e = 0; e < 4; ++e) if (d + e < N) values[e] = LOAD(b[place + e]);
            }
        }
        rightTile[i] = values;
    }
}

// Work-item (x, y) has rows y + 8 j and columns 4 x and 4 x + 32.
void multiplyTiles(int x, int y) {
    for (int quad = 0; quad < SLICE / 4; ++quad) {
        vec4 rows[ROWS];
        [[unroll]] for (int j = 0; j < ROWS; ++j) rows[j] = leftTile[(y + 8 * j) * STRIDE + quad];
        [[unroll]] for (int d = 0; d < 4; ++d) {
            const vec4 left = rightTile[(4 * quad + d) * 16 + x];
            const vec4 right = rightTile[(4 * quad + d) * 16 + x + 8];
            [[unroll]] for (int j = 0; j < ROWS; ++j) {
                sums[2 * j] += rows[j][d] * left;
                sums[2 * j + 1] += rows[j][d] * right;
            }
        }
    }
}

void storeQuad(int row, int column, vec4 values) {
    const int place = row * N + column;
    if (N % 4 == 0) {
        if (column < N) c4[place / 4] = STORE4(values);
    } else {
        [[unroll]] for (int e = 0; e < 4; ++e) if (column + e < N) c[place + e] = STORE(values[e]);
    }
}

void storeTile(int row0, int column0, int x, int y) {
    [[unroll]] for (int j = 0; j < ROWS; ++j) {
        const int row = row0 + y + 8 * j;
        // No break: it would keep drivers from unrolling, and the sums, indexed by a variable, from registers.
        if (row < M) {
            storeQuad(row, column0 + 4 * x, sums[2 * j]);
            storeQuad(row, column0 + 4 * x + 32, sums[2 * j + 1]);
        }
    }
}

#endif

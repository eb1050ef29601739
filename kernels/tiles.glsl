// Products of matrices of any size, a tile of 8·ROWS by 64 a work-group of 8 × 8, ROWS × 8 sums a work-item. Include
// after the specialisation constants ROWS and SINGLE_ROW. Of SLICE steps along the depth, the rows lie in shared memory
// as vectors along the depth, the columns as vectors across: 1 + 8/ROWS vectors read feed 32 multiply-adds.
#ifndef TILES_GLSL
#define TILES_GLSL

// Right operands that share the left one.
#ifndef OPERANDS
#define OPERANDS 1
#endif
#ifndef SLICE
#define SLICE 16
#endif

const int QUADS = SLICE / 4;     // vectors of a slice along the depth
const int COLUMNS = 16;          // vectors across a tile's 64 columns
const int STRIDE = QUADS + 1;    // the odd one spreads rows over the banks

shared vec4 rowTile[8 * ROWS * STRIDE];
shared vec4 columnTile[OPERANDS * SLICE * COLUMNS];
vec4 sums[OPERANDS * ROWS * 2];

// Four elements from step k on of a row of the tile; 0 for what is outside. Defined by the stage.
vec4 rowQuad(int tileRow, int k);

// Four elements of step k from a column of the tile on. Defined by stages that call loadColumns.
vec4 columnQuad(int operand, int k, int column);

void clearSums() {
    [[unroll]] for (int i = 0; i < OPERANDS * ROWS * 2; ++i) sums[i] = vec4(0.0);
}

void loadRows(int k0, int item) {
    const int count = 8 * ROWS * QUADS;
    [[unroll]] for (int step = 0; step < (count + 63) / 64; ++step) {
        const int i = item + 64 * step;
        if (i < count) rowTile[i / QUADS * STRIDE + i % QUADS] = rowQuad(i / QUADS, k0 + i % QUADS * 4);
    }
}

#ifndef OWN_COLUMNS
void loadColumns(int k0, int item) {
    [[unroll]] for (int operand = 0; operand < OPERANDS; ++operand) {
        [[unroll]] for (int step = 0; step < SLICE * COLUMNS / 64; ++step) {
            const int i = item + 64 * step;
            columnTile[operand * SLICE * COLUMNS + i] = columnQuad(operand, k0 + i / COLUMNS, i % COLUMNS * 4);
        }
    }
}

// One row times 32 columns, for which nothing is used twice, so that memory is the limit: a work-group of 8 × SLICES
// has four columns a work-item, and a part of the depth each of its rows, whose sums meet in shared memory. Slice 0 has
// the sums of its work-items' columns: partial[operand · 8 · SLICES + x].
const int SLICES = 32;
shared vec4 partial[SINGLE_ROW != 0 ? OPERANDS * 8 * SLICES : 1];

// Step k of the row.
float rowElement(int k);

void multiplyRow(int depth, int x, int slice) {
    [[unroll]] for (int i = 0; i < 2 * OPERANDS; ++i) sums[i] = vec4(0.0);
    for (int k = slice; k < depth; k += 2 * SLICES) {
        const bool isLast = k + SLICES >= depth;
        const float even = rowElement(k), odd = isLast ? 0.0 : rowElement(k + SLICES);
        [[unroll]] for (int operand = 0; operand < OPERANDS; ++operand) {
            sums[2 * operand] += even * columnQuad(operand, k, 4 * x);
            if (!isLast) sums[2 * operand + 1] += odd * columnQuad(operand, k + SLICES, 4 * x);
        }
    }
    [[unroll]] for (int operand = 0; operand < OPERANDS; ++operand)
        partial[(operand * SLICES + slice) * 8 + x] = sums[2 * operand] + sums[2 * operand + 1];
    [[unroll]] for (int distance = SLICES / 2; distance > 0; distance /= 2) {
        barrier();
        if (slice < distance) {
            [[unroll]] for (int operand = 0; operand < OPERANDS; ++operand) {
                const int place = (operand * SLICES + slice) * 8 + x;
                partial[place] += partial[place + distance * 8];
            }
        }
    }
}
#endif

// Rows y + 8j; columns 4x… and 32 + 4x….
void multiplySlice(int x, int y) {
    [[unroll]] for (int quad = 0; quad < QUADS; ++quad) {
        vec4 left[ROWS];
        [[unroll]] for (int j = 0; j < ROWS; ++j) left[j] = rowTile[(y + 8 * j) * STRIDE + quad];
        [[unroll]] for (int operand = 0; operand < OPERANDS; ++operand) {
            [[unroll]] for (int i = 0; i < 4; ++i) {
                const int first = (operand * SLICE + 4 * quad + i) * COLUMNS + x;
                const vec4 low = columnTile[first], high = columnTile[first + 8];
                [[unroll]] for (int j = 0; j < ROWS; ++j) {
                    sums[(operand * ROWS + j) * 2] += left[j][i] * low;
                    sums[(operand * ROWS + j) * 2 + 1] += left[j][i] * high;
                }
            }
        }
    }
}

#endif

// Products of matrices on matrix units. A work-group has BLOCK_ROWS × BLOCK_COLUMNS of the result, of which each of its
// sub-groups has a part in accumulators; the depth goes by in slices through shared memory, of which the next is on its
// way while one is multiplied. Rows there are longer by 16 bytes, which spreads them over the banks.
//
// A stage defines wordA, wordB and storeSums after it has included this, sets row0 and column0, and calls
// multiplyBlock, or its parts where a block is the sum of several products. With COLUMNS_A its left operand lies by
// columns, with COLUMNS_B its right one.
#ifdef MATRIX_INT8
#define WORD_ELEMENTS 16
#else
#define WORD_ELEMENTS 8
#endif
// Words of a row of A or B, or of a column.
#ifdef COLUMNS_A
#define ROW_WORDS_A (BLOCK_ROWS / WORD_ELEMENTS)
#define ROWS_A SLICE
#else
#define ROW_WORDS_A (SLICE / WORD_ELEMENTS)
#define ROWS_A BLOCK_ROWS
#endif
#define STRIDE_A (ROW_WORDS_A + 1)
#define PLACE_B (ROWS_A * STRIDE_A)
#ifdef COLUMNS_B
#define ROW_WORDS_B (SLICE / WORD_ELEMENTS)
#define ROWS_B BLOCK_COLUMNS
#else
#define ROW_WORDS_B (BLOCK_COLUMNS / WORD_ELEMENTS)
#define ROWS_B SLICE
#endif
#define STRIDE_B (ROW_WORDS_B + 1)
#define OPERAND_WORDS (PLACE_B + ROWS_B * STRIDE_B)
#define SUM_STRIDE (MATRIX_N / 4 + 1)
#define SUM_WORDS (SUBGROUP_ROWS * SUBGROUP_COLUMNS * MATRIX_M * SUM_STRIDE)
#include "matrix.glsl"

#define ITEMS (SUBGROUP_ROWS * SUBGROUP_COLUMNS * LANES)
const int WORDS_A = ROWS_A * ROW_WORDS_A, WORDS_B = ROWS_B * ROW_WORDS_B;
const int OWN_A = (WORDS_A + ITEMS - 1) / ITEMS, OWN_B = (WORDS_B + ITEMS - 1) / ITEMS;
const int PART_ROWS = BLOCK_ROWS / SUBGROUP_ROWS, PART_COLUMNS = BLOCK_COLUMNS / SUBGROUP_COLUMNS;
const int OWN_QUADS = (MATRIX_M * MATRIX_N / 4 + LANES - 1) / LANES;  // of a matrix of sums, those of a work-item
const int SUM_ROWS = PART_ROWS / MATRIX_M, SUM_COLUMNS = PART_COLUMNS / MATRIX_N;

uvec4 nextA[OWN_A], nextB[OWN_B];
MATRIX_SUM blockSums[SUM_ROWS * SUM_COLUMNS];  // of a sub-group's part
int row0, column0, item, partRow, partColumn;

// A word of a row of A from step k on, or of its column k from a row on; and of a row of B from a column on, or of its
// column from step k on; 0 for what is outside.
uvec4 wordA(int row, int k);
uvec4 wordB(int k, int column);

// Four sums of a row from a column on; those outside are dropped.
void storeSums(int row, int column, SUM_QUAD sums);

void fetch(int k0) {
    [[unroll]] for (int step = 0; step < OWN_A; ++step) {
        const int i = item + ITEMS * step;
        const int row = i / ROW_WORDS_A, place = i % ROW_WORDS_A * WORD_ELEMENTS;
#ifdef COLUMNS_A
        if (i < WORDS_A) nextA[step] = wordA(row0 + place, k0 + row);
#else
        if (i < WORDS_A) nextA[step] = wordA(row0 + row, k0 + place);
#endif
    }
    [[unroll]] for (int step = 0; step < OWN_B; ++step) {
        const int i = item + ITEMS * step;
        const int row = i / ROW_WORDS_B, place = i % ROW_WORDS_B * WORD_ELEMENTS;
#ifdef COLUMNS_B
        if (i < WORDS_B) nextB[step] = wordB(k0 + place, column0 + row);
#else
        if (i < WORDS_B) nextB[step] = wordB(k0 + row, column0 + place);
#endif
    }
}

void put() {
    [[unroll]] for (int step = 0; step < OWN_A; ++step) {
        const int i = item + ITEMS * step;
        if (i < WORDS_A) operandTile[i / ROW_WORDS_A * STRIDE_A + i % ROW_WORDS_A] = nextA[step];
    }
    [[unroll]] for (int step = 0; step < OWN_B; ++step) {
        const int i = item + ITEMS * step;
        if (i < WORDS_B) operandTile[PLACE_B + i / ROW_WORDS_B * STRIDE_B + i % ROW_WORDS_B] = nextB[step];
    }
}

void beginBlock() {
    item = int(gl_LocalInvocationIndex);
    partRow = matrixGroup() / SUBGROUP_COLUMNS * PART_ROWS;
    partColumn = matrixGroup() % SUBGROUP_COLUMNS * PART_COLUMNS;
    MATRIX_LOOP for (int i = 0; i < SUM_ROWS * SUM_COLUMNS; ++i) matrixClear(blockSums[i]);
}

// Adds a product of some depth.
void multiplySlices(int depth) {
    fetch(0);
    for (int k0 = 0; k0 < depth; k0 += SLICE) {
        barrier();
        put();
        barrier();
        if (k0 + SLICE < depth) fetch(k0 + SLICE);
        MATRIX_LOOP for (int k = 0; k < SLICE; k += MATRIX_K) {
            MATRIX_A left[SUM_ROWS];
            MATRIX_LOOP for (int i = 0; i < SUM_ROWS; ++i) {
                const int row = partRow + i * MATRIX_M;
#ifdef COLUMNS_A
                matrixLoadTransposedA(left[i], k * STRIDE_A + row / WORD_ELEMENTS, STRIDE_A);
#else
                matrixLoadA(left[i], row * STRIDE_A + k / WORD_ELEMENTS, STRIDE_A);
#endif
            }
            MATRIX_LOOP for (int j = 0; j < SUM_COLUMNS; ++j) {
                MATRIX_B right;
#ifdef COLUMNS_B
                matrixLoadTransposedB(
                    right, PLACE_B + (partColumn + j * MATRIX_N) * STRIDE_B + k / WORD_ELEMENTS, STRIDE_B);
#else
                matrixLoadB(right, PLACE_B + k * STRIDE_B + (partColumn + j * MATRIX_N) / WORD_ELEMENTS, STRIDE_B);
#endif
                MATRIX_LOOP for (int i = 0; i < SUM_ROWS; ++i)
                    matrixMultiplyAdd(left[i], right, blockSums[i * SUM_COLUMNS + j]);
            }
        }
    }
}

#ifdef FACTORS
// Each row of the block times its number in rowFactors.
void scaleBlock() {
    MATRIX_LOOP for (int i = 0; i < SUM_ROWS; ++i) {
        MATRIX_LOOP for (int j = 0; j < SUM_COLUMNS; ++j)
            matrixScaleRows(blockSums[i * SUM_COLUMNS + j], partRow + i * MATRIX_M);
    }
}
#endif

// One matrix of each sub-group at a time goes through its own part of sumTile.
void storeBlock() {
    const int lane = matrixLane(), place = matrixGroup() * MATRIX_M * SUM_STRIDE;
    MATRIX_LOOP for (int i = 0; i < SUM_ROWS; ++i) {
        MATRIX_LOOP for (int j = 0; j < SUM_COLUMNS; ++j) {
            barrier();
            matrixStore(blockSums[i * SUM_COLUMNS + j], place, SUM_STRIDE);
            barrier();
            [[unroll]] for (int step = 0; step < OWN_QUADS; ++step) {
                const int quad = lane + LANES * step;
                if (quad >= MATRIX_M * MATRIX_N / 4) break;
                const int row = quad / (MATRIX_N / 4), column = quad % (MATRIX_N / 4);
                storeSums(
                    row0 + partRow + i * MATRIX_M + row, column0 + partColumn + j * MATRIX_N + 4 * column,
                    sumTile[place + row * SUM_STRIDE + column]);
            }
        }
    }
}

void multiplyBlock(int depth) {
    beginBlock();
    multiplySlices(depth);
    storeBlock();
}

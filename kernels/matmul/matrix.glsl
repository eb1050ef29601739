// c = a · b on matrix units. A work-group has BLOCK_ROWS × BLOCK_COLUMNS of the result, of which each of its sub-groups has a
// part in accumulators; the depth goes by in slices through shared memory, of which the next is on its way while one is
// multiplied. Rows there are longer by 16 bytes, which spreads them over the banks.
#define STRIDE_A (SLICE / 8 + 1)
#define STRIDE_B (BLOCK_COLUMNS / 8 + 1)
#define PLACE_B (BLOCK_ROWS * STRIDE_A)
#define OPERAND_WORDS (PLACE_B + SLICE * STRIDE_B)
#define SUM_STRIDE (MATRIX_N / 4 + 1)
#define SUM_WORDS (SUBGROUP_ROWS * SUBGROUP_COLUMNS * MATRIX_M * SUM_STRIDE)
#include "../matrix.glsl"

TENSOR_a(STORED, a);
TENSOR_a(uvec4, wideA);
TENSOR_b(STORED, b);
TENSOR_b(uvec4, wideB);
TENSOR_c(STORED, c);
TENSOR_c(uvec2, wideC);

const int ITEMS = SUBGROUP_ROWS * SUBGROUP_COLUMNS * LANES;
const int WORDS_A = BLOCK_ROWS * SLICE / 8, WORDS_B = SLICE * BLOCK_COLUMNS / 8;
const int OWN_A = (WORDS_A + ITEMS - 1) / ITEMS, OWN_B = (WORDS_B + ITEMS - 1) / ITEMS;
const int PART_ROWS = BLOCK_ROWS / SUBGROUP_ROWS, PART_COLUMNS = BLOCK_COLUMNS / SUBGROUP_COLUMNS;
const int OWN_QUADS = (MATRIX_M * MATRIX_N / 4 + LANES - 1) / LANES;  // of a matrix of sums, those of a work-item
const int SUM_ROWS = PART_ROWS / MATRIX_M, SUM_COLUMNS = PART_COLUMNS / MATRIX_N;

uvec4 nextA[OWN_A], nextB[OWN_B];
int row0, column0, item;

// Eight elements of a row of a from step k on, those of b from a column on; 0 for what is outside.
uvec4 wordA(int row, int k) {
    const int index = row * K + k;
    if (WHOLE_BLOCKS != 0) return wideA[index / 8];
    uvec4 word = uvec4(0u);
    if (row >= M || k >= K) return word;
    if (K % 8 == 0) return wideA[index / 8];
    [[unroll]] for (int i = 0; i < 8; ++i)
        if (k + i < K) word[i / 2] |= STORED_BITS(a[index + i]) << (i % 2 * 16);
    return word;
}

uvec4 wordB(int k, int column) {
    const int index = k * N + column;
    if (WHOLE_BLOCKS != 0) return wideB[index / 8];
    uvec4 word = uvec4(0u);
    if (k >= K || column >= N) return word;
    if (N % 8 == 0) return wideB[index / 8];
    [[unroll]] for (int i = 0; i < 8; ++i)
        if (column + i < N) word[i / 2] |= STORED_BITS(b[index + i]) << (i % 2 * 16);
    return word;
}

void fetch(int k0) {
    [[unroll]] for (int step = 0; step < OWN_A; ++step) {
        const int i = item + ITEMS * step;
        if (i < WORDS_A) nextA[step] = wordA(row0 + i / (SLICE / 8), k0 + i % (SLICE / 8) * 8);
    }
    [[unroll]] for (int step = 0; step < OWN_B; ++step) {
        const int i = item + ITEMS * step;
        if (i < WORDS_B) nextB[step] = wordB(k0 + i / (BLOCK_COLUMNS / 8), column0 + i % (BLOCK_COLUMNS / 8) * 8);
    }
}

void put() {
    [[unroll]] for (int step = 0; step < OWN_A; ++step) {
        const int i = item + ITEMS * step;
        if (i < WORDS_A) operandTile[i / (SLICE / 8) * STRIDE_A + i % (SLICE / 8)] = nextA[step];
    }
    [[unroll]] for (int step = 0; step < OWN_B; ++step) {
        const int i = item + ITEMS * step;
        if (i < WORDS_B)
            operandTile[PLACE_B + i / (BLOCK_COLUMNS / 8) * STRIDE_B + i % (BLOCK_COLUMNS / 8)] = nextB[step];
    }
}

// Four elements of a row from a column on; those beyond the last are dropped.
void storeQuad(int row, int column, vec4 values) {
    const int index = row * N + column;
    if (WHOLE_BLOCKS != 0 || (N % 4 == 0 && row < M && column < N)) {
        wideC[index / 4] = storedQuad(values);
    } else if (row < M) {
        [[unroll]] for (int i = 0; i < 4; ++i)
            if (column + i < N) c[index + i] = STORE(values[i]);
    }
}

void main() {
    item = int(gl_LocalInvocationIndex);
    row0 = int(gl_WorkGroupID.y) * BLOCK_ROWS;
    column0 = int(gl_WorkGroupID.x) * BLOCK_COLUMNS;
    const int group = matrixGroup(), lane = matrixLane();
    const int partRow = group / SUBGROUP_COLUMNS * PART_ROWS, partColumn = group % SUBGROUP_COLUMNS * PART_COLUMNS;

    MATRIX_SUM sums[SUM_ROWS * SUM_COLUMNS];
    MATRIX_LOOP for (int i = 0; i < SUM_ROWS * SUM_COLUMNS; ++i) matrixClear(sums[i]);
    fetch(0);
    for (int k0 = 0; k0 < K; k0 += SLICE) {
        barrier();
        put();
        barrier();
        if (k0 + SLICE < K) fetch(k0 + SLICE);
        MATRIX_LOOP for (int k = 0; k < SLICE; k += MATRIX_K) {
            MATRIX_A left[SUM_ROWS];
            MATRIX_LOOP for (int i = 0; i < SUM_ROWS; ++i)
                matrixLoadA(left[i], (partRow + i * MATRIX_M) * STRIDE_A + k / 8, STRIDE_A);
            MATRIX_LOOP for (int j = 0; j < SUM_COLUMNS; ++j) {
                MATRIX_B right;
                matrixLoadB(right, PLACE_B + k * STRIDE_B + (partColumn + j * MATRIX_N) / 8, STRIDE_B);
                MATRIX_LOOP for (int i = 0; i < SUM_ROWS; ++i)
                    matrixMultiplyAdd(left[i], right, sums[i * SUM_COLUMNS + j]);
            }
        }
    }

    // One matrix of each sub-group at a time goes through its own part of sumTile.
    const int place = group * MATRIX_M * SUM_STRIDE;
    MATRIX_LOOP for (int i = 0; i < SUM_ROWS; ++i) {
        MATRIX_LOOP for (int j = 0; j < SUM_COLUMNS; ++j) {
            barrier();
            matrixStore(sums[i * SUM_COLUMNS + j], place, SUM_STRIDE);
            barrier();
            [[unroll]] for (int step = 0; step < OWN_QUADS; ++step) {
                const int quad = lane + LANES * step;
                if (quad >= MATRIX_M * MATRIX_N / 4) break;
                const int row = quad / (MATRIX_N / 4), column = quad % (MATRIX_N / 4);
                storeQuad(
                    row0 + partRow + i * MATRIX_M + row, column0 + partColumn + j * MATRIX_N + 4 * column,
                    sumTile[place + row * SUM_STRIDE + column]);
            }
        }
    }
}

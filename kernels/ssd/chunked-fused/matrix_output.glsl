// The outputs of PART_ROWS · SUBGROUPS steps of a chunk by HEAD_COLUMNS components of a head on matrix units. A
// sub-group has PART_ROWS steps, whose outputs stay in its accumulators: first C · (state before the chunk), each row
// times the decay up to its step. Then the work-group takes the chunk's steps BLOCK_STEPS at a time through shared
// memory: C·Bᵀ, laid down in shared memory, since only there one knows which element is whose; there it gets the decay
// between the steps and dt, and is stored as an operand again; then that times x. B and x have the same place, and each
// is on its way from memory while the other is multiplied. Rows are longer by 16 bytes, which spreads them over the
// banks.
#include "../ssd.glsl"

#define ITEMS (SUBGROUPS * LANES)
#define TILE_ROWS (PART_ROWS * SUBGROUPS)
#define STATE_WORDS (STATE_DEPTH / 8)
#define STATE_STRIDE (STATE_WORDS + 1)
#define HEAD_WORDS (HEAD_COLUMNS / 8)
#define HEAD_STRIDE (HEAD_WORDS + 1)
#define STEP_WORDS (BLOCK_STEPS / 8)
#define STEP_STRIDE (STEP_WORDS + 1)
#define SUM_STRIDE (BLOCK_STEPS / 4 + 1)
#define BLOCK_PLACE (TILE_ROWS * STATE_STRIDE)
#define WEIGHT_PLACE (BLOCK_PLACE + BLOCK_STEPS * (STATE_WORDS > HEAD_WORDS ? STATE_STRIDE : HEAD_STRIDE))
#define OPERAND_WORDS (WEIGHT_PLACE + TILE_ROWS * STEP_STRIDE)
#define SUM_WORDS (TILE_ROWS * SUM_STRIDE)
#define FACTORS TILE_ROWS
#include "../../matrix.glsl"
#include "../matrix_output.glsl"

TENSOR_A(STORED, A);
TENSOR_Bm(STORED, drives);
TENSOR_Bm(uvec4, wideDrives);

#include "../decays.glsl"

shared float widths[CHUNK];

const int BLOCK_WORDS = BLOCK_STEPS * HEAD_WORDS, DRIVE_WORDS = BLOCK_STEPS * STATE_WORDS;
const int OWN_BLOCK = (BLOCK_WORDS + ITEMS - 1) / ITEMS, OWN_DRIVES = (DRIVE_WORDS + ITEMS - 1) / ITEMS;
const int ROW_MATRICES = PART_ROWS / MATRIX_M, STEP_MATRICES = BLOCK_STEPS / MATRIX_N;
const int HEAD_MATRICES = HEAD_COLUMNS / MATRIX_N;

int item, lane, partRow, row0, column0;
uvec4 nextBlock[OWN_BLOCK], nextDrives[OWN_DRIVES];
MATRIX_SUM outputSums[ROW_MATRICES * HEAD_MATRICES];

void fetchDrives(int first) {
    [[unroll]] for (int turn = 0; turn < OWN_DRIVES; ++turn) {
        const int i = item + ITEMS * turn, step = first + i / STATE_WORDS;
        if (i < DRIVE_WORDS && step < steps) {
            ROW_WORD(word, drives, wideDrives, readoutBase + step * G * STATE_SIZE, i % STATE_WORDS * 8, STATE_SIZE)
            nextDrives[turn] = word;
        } else {
            nextDrives[turn] = uvec4(0u);
        }
    }
}

void putDrives() {
    [[unroll]] for (int turn = 0; turn < OWN_DRIVES; ++turn) {
        const int i = item + ITEMS * turn;
        if (i < DRIVE_WORDS) operandTile[BLOCK_PLACE + i / STATE_WORDS * STATE_STRIDE + i % STATE_WORDS] = nextDrives[turn];
    }
}

// BLOCK_STEPS rows of x or of the state before the chunk, from one on.
#define FETCH_BLOCK(loadWord, first) \
    [[unroll]] for (int turn = 0; turn < OWN_BLOCK; ++turn) { \
        const int i = item + ITEMS * turn; \
        if (i < BLOCK_WORDS) nextBlock[turn] = loadWord((first) + i / HEAD_WORDS, column0 + i % HEAD_WORDS * 8); \
    }

void putBlock() {
    [[unroll]] for (int turn = 0; turn < OWN_BLOCK; ++turn) {
        const int i = item + ITEMS * turn;
        if (i < BLOCK_WORDS) operandTile[BLOCK_PLACE + i / HEAD_WORDS * HEAD_STRIDE + i % HEAD_WORDS] = nextBlock[turn];
    }
}

// Adds the product of a sub-group's rows of the operand at `place` and of the block of x or of the state.
void gather(int place, int stride) {
    MATRIX_LOOP for (int k = 0; k < BLOCK_STEPS; k += MATRIX_K) {
        MATRIX_A left[ROW_MATRICES];
        MATRIX_LOOP for (int i = 0; i < ROW_MATRICES; ++i)
            matrixLoadA(left[i], place + (partRow + i * MATRIX_M) * stride + k / 8, stride);
        MATRIX_LOOP for (int j = 0; j < HEAD_MATRICES; ++j) {
            MATRIX_B right;
            matrixLoadB(right, BLOCK_PLACE + k * HEAD_STRIDE + j * MATRIX_N / 8, HEAD_STRIDE);
            MATRIX_LOOP for (int i = 0; i < ROW_MATRICES; ++i)
                matrixMultiplyAdd(left[i], right, outputSums[i * HEAD_MATRICES + j]);
        }
    }
}

void gatherState() {
    FETCH_BLOCK(stateWord, 0)
    for (int n = 0; n < STATE_SIZE; n += BLOCK_STEPS) {
        barrier();
        putBlock();
        FETCH_BLOCK(stateWord, n + BLOCK_STEPS)
        barrier();
        gather(n / 8, STATE_STRIDE);
    }
    MATRIX_LOOP for (int i = 0; i < ROW_MATRICES; ++i) {
        MATRIX_LOOP for (int j = 0; j < HEAD_MATRICES; ++j)
            matrixScaleRows(outputSums[i * HEAD_MATRICES + j], partRow + i * MATRIX_M);
    }
}

// C·Bᵀ of a sub-group's rows and the block's steps, to sumTile.
void multiplyDrives() {
    MATRIX_SUM products[ROW_MATRICES * STEP_MATRICES];
    MATRIX_LOOP for (int i = 0; i < ROW_MATRICES * STEP_MATRICES; ++i) matrixClear(products[i]);
    MATRIX_LOOP for (int k = 0; k < STATE_DEPTH; k += MATRIX_K) {
        MATRIX_A left[ROW_MATRICES];
        MATRIX_LOOP for (int i = 0; i < ROW_MATRICES; ++i)
            matrixLoadA(left[i], (partRow + i * MATRIX_M) * STATE_STRIDE + k / 8, STATE_STRIDE);
        MATRIX_LOOP for (int j = 0; j < STEP_MATRICES; ++j) {
            MATRIX_B right;
            matrixLoadTransposedB(right, BLOCK_PLACE + j * MATRIX_N * STATE_STRIDE + k / 8, STATE_STRIDE);
            MATRIX_LOOP for (int i = 0; i < ROW_MATRICES; ++i)
                matrixMultiplyAdd(left[i], right, products[i * STEP_MATRICES + j]);
        }
    }
    MATRIX_LOOP for (int i = 0; i < ROW_MATRICES; ++i) {
        MATRIX_LOOP for (int j = 0; j < STEP_MATRICES; ++j)
            matrixStore(
                products[i * STEP_MATRICES + j], (partRow + i * MATRIX_M) * SUM_STRIDE + j * MATRIX_N / 4, SUM_STRIDE);
    }
}

vec4 weightQuad(int row, int step, vec4 product) {
    vec4 weights;
    [[unroll]] for (int i = 0; i < 4; ++i) {
        const int other = min(step + i, row);
        const float weight = product[i] * exp2(difference(sums[row], sums[other])) * widths[other];
        weights[i] = step + i <= row ? weight : 0.0;
    }
    return weights;
}

// What steps from `first` on weigh for a sub-group's rows, as an operand.
void weigh(int first) {
    [[unroll]] for (int turn = 0; turn < (PART_ROWS * STEP_WORDS + LANES - 1) / LANES; ++turn) {
        const int i = lane + LANES * turn;
        if (i >= PART_ROWS * STEP_WORDS) break;
        const int row = partRow + i / STEP_WORDS, word = i % STEP_WORDS, place = row * SUM_STRIDE + 2 * word;
        const int step = first + 8 * word, own = row0 + row;
        uvec4 weights = uvec4(0u);
        if (own < steps && step <= own)
            weights = uvec4(
                storedQuad(weightQuad(own, step, sumTile[place])), storedQuad(weightQuad(own, step + 4, sumTile[place + 1])));
        operandTile[WEIGHT_PLACE + row * STEP_STRIDE + word] = weights;
    }
}

// The outputs, a column of matrices at a time by way of sumTile.
void storeRows() {
    MATRIX_LOOP for (int j = 0; j < HEAD_MATRICES; ++j) {
        barrier();
        MATRIX_LOOP for (int i = 0; i < ROW_MATRICES; ++i)
            matrixStore(outputSums[i * HEAD_MATRICES + j], (partRow + i * MATRIX_M) * SUM_STRIDE, SUM_STRIDE);
        barrier();
        [[unroll]] for (int turn = 0; turn < (PART_ROWS * MATRIX_N / 4 + LANES - 1) / LANES; ++turn) {
            const int i = lane + LANES * turn;
            if (i >= PART_ROWS * MATRIX_N / 4) break;
            const int row = partRow + i / (MATRIX_N / 4), quad = i % (MATRIX_N / 4);
            storeOutputs(row0 + row, column0 + j * MATRIX_N + 4 * quad, sumTile[row * SUM_STRIDE + quad]);
        }
    }
}

void main() {
    const int tiles = (min(CHUNK, L) + TILE_ROWS - 1) / TILE_ROWS;
    item = int(gl_LocalInvocationIndex);
    lane = matrixLane();
    partRow = matrixGroup() * PART_ROWS;
    row0 = (tiles - 1 - int(gl_WorkGroupID.x) % tiles) * TILE_ROWS;
    column0 = int(gl_WorkGroupID.x) / tiles * HEAD_COLUMNS;
    beginChunk();
    if (row0 >= steps) return;
    const int seen = min(row0 + TILE_ROWS, steps), widthBase = (batch * L + chunk * CHUNK) * H + head;
    for (int i = item; i < TILE_ROWS * STATE_WORDS; i += ITEMS)
        operandTile[i / STATE_WORDS * STATE_STRIDE + i % STATE_WORDS] = readoutWord(row0 + i / STATE_WORDS, i % STATE_WORDS * 8);
    for (int step = item; step < seen; step += ITEMS) widths[step] = LOAD(dt[widthBase + step * H]);
    sumDecays(widthBase, LOAD(A[head]) * LOG2_E, seen, item);
    for (int row = item; row < TILE_ROWS; row += ITEMS) rowFactors[row] = exp2(sums[min(row0 + row, steps - 1)].x);
    MATRIX_LOOP for (int i = 0; i < ROW_MATRICES * HEAD_MATRICES; ++i) matrixClear(outputSums[i]);
    if (chunk > 0) gatherState();
    fetchDrives(0);
    for (int first = 0; first < seen; first += BLOCK_STEPS) {
        barrier();
        putDrives();
        FETCH_BLOCK(inputWord, first)
        barrier();
        multiplyDrives();
        barrier();
        putBlock();
        weigh(first);
        fetchDrives(first + BLOCK_STEPS);
        barrier();
        gather(WEIGHT_PLACE, STEP_STRIDE);
    }
    storeRows();
}

// Attention in one pass over the keys on matrix units: what flash and its relatives share there. A sub-group has
// PART_ROWS rows, whose outputs stay in its accumulators. The work-group's SUBGROUPS of them take MATRIX_KEYS keys at a
// time through shared memory: scores by products with the keys' columns, laid down in shared memory, since only there
// one knows which element is whose; the online softmax there, its weights stored as an operand again; then weights
// times values. Keys and values have the same place, and each is on its way from memory while the other is multiplied.
// Rows are longer by 16 bytes, which spreads them over the banks.
//
// Rows of GROUP query heads that share a key head are interleaved as in one_pass.glsl. Before including this, a stage
// defines PACKS_GROUP where it has a GROUP, and PARTIAL_OUTPUT where what is gathered is stored by itself.
#include "attention.glsl"

#ifndef PACKS_GROUP
const int GROUP = 1;
#endif
const int PART_ROWS = 16;  // rows of a sub-group

#define DEPTH_WORDS (MATRIX_DEPTH / 8)
#define DEPTH_STRIDE (DEPTH_WORDS + 1)
#define WEIGHT_STRIDE (MATRIX_KEYS / 8 + 1)
#define SCORE_STRIDE (MATRIX_KEYS / 4 + 1)
#define TILE_ROWS (PART_ROWS * SUBGROUPS)
#define KEY_PLACE (TILE_ROWS * DEPTH_STRIDE)
#define WEIGHT_PLACE (KEY_PLACE + MATRIX_KEYS * DEPTH_STRIDE)
#define OPERAND_WORDS (WEIGHT_PLACE + TILE_ROWS * WEIGHT_STRIDE)
#define SUM_WORDS (TILE_ROWS * SCORE_STRIDE)
#define FACTORS TILE_ROWS
#include "../matrix.glsl"

TENSOR_q(uvec4, q);
TENSOR_k(uvec4, k);
TENSOR_v(uvec4, v);

const float MASKED = -1.7e38;  // about −FLT_MAX / 2: the difference of two such values is finite
const float LOG2_E = 1.44269504;

const int ITEMS = SUBGROUPS * LANES;
const int FETCHES = (MATRIX_KEYS * DEPTH_WORDS + ITEMS - 1) / ITEMS;
// A row has several work-items, or a work-item several rows.
const int ROW_ITEMS = LANES > PART_ROWS ? LANES / PART_ROWS : 1;
const int ITEM_ROWS = LANES < PART_ROWS ? PART_ROWS / LANES : 1;
const int OWN_QUADS = MATRIX_KEYS / 4 / ROW_ITEMS;  // of a row's scores, those of a work-item
const int ROW_MATRICES = PART_ROWS / MATRIX_M, KEY_MATRICES = MATRIX_KEYS / MATRIX_N, DEPTH_MATRICES = MATRIX_DEPTH / MATRIX_N;

// A work-item's place, its sub-group's first row in the tile, and where its key head begins in k and v. Set by `begin`.
int item, lane, partRow, words, row0, endRow, firstHead, keyBase;
// The keys or values that come next.
uvec4 next[FETCHES];
// Of a work-item's rows: maxima in units of log₂, sums of its share of the weights.
float maxima[ITEM_ROWS], sums[ITEM_ROWS];
MATRIX_SUM outputs[ROW_MATRICES * DEPTH_MATRICES];

// The j-th row of a work-item, in the tile.
int tileRow(int j) { return partRow + lane % PART_ROWS + LANES * j; }
int lastRow() { return min(row0 + TILE_ROWS, endRow) - 1; }

// Where a row's query and output begin, in words of eight.
int rowBase(int row) { return ((firstHead + row % GROUP) * Lq + row / GROUP) * words; }

// The rows from `first` on, below `end`, of the GROUP heads from GROUP · `group` on.
void begin(int first, int end, int group) {
    item = int(gl_LocalInvocationIndex);
    lane = matrixLane();
    partRow = matrixGroup() * PART_ROWS;
    words = D / 8;
    row0 = first;
    endRow = end;
    firstHead = group * GROUP;
    keyBase = keyHead(firstHead) * Lk * words;
    MATRIX_LOOP for (int i = 0; i < ROW_MATRICES * DEPTH_MATRICES; ++i) matrixClear(outputs[i]);
    [[unroll]] for (int j = 0; j < ITEM_ROWS; ++j) {
        maxima[j] = MASKED;
        sums[j] = 0.0;
    }
    for (int i = item; i < TILE_ROWS * DEPTH_WORDS; i += ITEMS) {
        const int row = i / DEPTH_WORDS, word = i % DEPTH_WORDS;
        const bool inside = row0 + row < endRow && word < words;
        operandTile[row * DEPTH_STRIDE + word] = inside ? q[rowBase(row0 + row) + word] : uvec4(0u);
    }
}

// MATRIX_KEYS rows of k or v from a key on; 0 for what is not below `end`, and for the columns that the head does not
// have.
#define FETCH(TENSOR, first, end) \
    [[unroll]] for (int step = 0; step < FETCHES; ++step) { \
        const int i = item + ITEMS * step, key = (first) + i / DEPTH_WORDS, word = i % DEPTH_WORDS; \
        const bool inside = i < MATRIX_KEYS * DEPTH_WORDS && key < (end) && word < words; \
        next[step] = inside ? TENSOR[keyBase + key * words + word] : uvec4(0u); \
    }

void put() {
    [[unroll]] for (int step = 0; step < FETCHES; ++step) {
        const int i = item + ITEMS * step;
        if (i < MATRIX_KEYS * DEPTH_WORDS)
            operandTile[KEY_PLACE + i / DEPTH_WORDS * DEPTH_STRIDE + i % DEPTH_WORDS] = next[step];
    }
}

// The products of a sub-group's rows and the block's keys, to sumTile.
void scoreBlock() {
    MATRIX_SUM scores[ROW_MATRICES * KEY_MATRICES];
    MATRIX_LOOP for (int i = 0; i < ROW_MATRICES * KEY_MATRICES; ++i) matrixClear(scores[i]);
    MATRIX_LOOP for (int d = 0; d < MATRIX_DEPTH; d += MATRIX_K) {
        MATRIX_A queries[ROW_MATRICES];
        MATRIX_LOOP for (int i = 0; i < ROW_MATRICES; ++i)
            matrixLoadA(queries[i], (partRow + i * MATRIX_M) * DEPTH_STRIDE + d / 8, DEPTH_STRIDE);
        MATRIX_LOOP for (int n = 0; n < KEY_MATRICES; ++n) {
            MATRIX_B keys;
            matrixLoadTransposedB(keys, KEY_PLACE + n * MATRIX_N * DEPTH_STRIDE + d / 8, DEPTH_STRIDE);
            MATRIX_LOOP for (int i = 0; i < ROW_MATRICES; ++i)
                matrixMultiplyAdd(queries[i], keys, scores[i * KEY_MATRICES + n]);
        }
    }
    MATRIX_LOOP for (int i = 0; i < ROW_MATRICES; ++i) {
        MATRIX_LOOP for (int n = 0; n < KEY_MATRICES; ++n)
            matrixStore(
                scores[i * KEY_MATRICES + n], (partRow + i * MATRIX_M) * SCORE_STRIDE + n * MATRIX_N / 4, SCORE_STRIDE);
    }
}

// Four scores of a row in units of log₂, so that exp2 serves; keys that are not in [first, end) are hidden where some
// are.
vec4 scoreQuad(int row, int quad, int key, float factor, bool hides, int first, int end) {
    vec4 scores = sumTile[row * SCORE_STRIDE + quad] * factor;
    if (hides) {
        const ivec4 keys = key + 4 * quad + ivec4(0, 1, 2, 3);
        scores = mix(vec4(MASKED), scores, bvec4(uvec4(greaterThanEqual(keys, ivec4(first))) & uvec4(lessThan(keys, ivec4(end)))));
    }
    return scores;
}

float largestOf(vec4 values) { return max(max(values.x, values.y), max(values.z, values.w)); }

// A step of the online softmax: the block's scores, of keys from `key` on, become weights in operandTile, and
// rowFactors what brings the outputs to the new maxima.
void weighBlock(int key, int end, float factor) {
    const bool hides = key + MATRIX_KEYS > min(end, endKey(row0 / GROUP)) || key < firstKey(lastRow() / GROUP);
    [[unroll]] for (int j = 0; j < ITEM_ROWS; ++j) {
        const int row = tileRow(j), part = lane / PART_ROWS;
        const int first = firstKey((row0 + row) / GROUP), last = min(end, endKey((row0 + row) / GROUP));
        vec4 own[OWN_QUADS];
        float largest = maxima[j];
        [[unroll]] for (int n = 0; n < OWN_QUADS; ++n) {
            own[n] = scoreQuad(row, part * OWN_QUADS + n, key, factor, hides, first, last);
            largest = max(largest, largestOf(own[n]));
        }
        [[unroll]] for (int other = 1; other < ROW_ITEMS; ++other) {
            [[unroll]] for (int n = 0; n < OWN_QUADS; ++n) {
                const int quad = (part + other) % ROW_ITEMS * OWN_QUADS + n;
                largest = max(largest, largestOf(scoreQuad(row, quad, key, factor, hides, first, last)));
            }
        }
        const float shrinks = exp2(maxima[j] - largest);
        maxima[j] = largest;
        float sum = 0.0;
        [[unroll]] for (int n = 0; n < OWN_QUADS; n += 2) {
            const vec4 low = exp2(own[n] - largest), high = exp2(own[n + 1] - largest);
            sum += ((low.x + low.y) + (low.z + low.w)) + ((high.x + high.y) + (high.z + high.w));
            operandTile[WEIGHT_PLACE + row * WEIGHT_STRIDE + (part * OWN_QUADS + n) / 2] =
                uvec4(storedQuad(low), storedQuad(high));
        }
        sums[j] = sums[j] * shrinks + sum;
        if (part == 0) rowFactors[row] = shrinks;
    }
}

// Brings the outputs to the new maxima and adds weights times values.
void gatherValues() {
    MATRIX_LOOP for (int i = 0; i < ROW_MATRICES; ++i) {
        MATRIX_LOOP for (int n = 0; n < DEPTH_MATRICES; ++n)
            matrixScaleRows(outputs[i * DEPTH_MATRICES + n], partRow + i * MATRIX_M);
    }
    MATRIX_LOOP for (int key = 0; key < MATRIX_KEYS; key += MATRIX_K) {
        MATRIX_A weights[ROW_MATRICES];
        MATRIX_LOOP for (int i = 0; i < ROW_MATRICES; ++i)
            matrixLoadA(
                weights[i], WEIGHT_PLACE + (partRow + i * MATRIX_M) * WEIGHT_STRIDE + key / 8, WEIGHT_STRIDE);
        MATRIX_LOOP for (int n = 0; n < DEPTH_MATRICES; ++n) {
            MATRIX_B values;
            matrixLoadB(values, KEY_PLACE + key * DEPTH_STRIDE + n * MATRIX_N / 8, DEPTH_STRIDE);
            MATRIX_LOOP for (int i = 0; i < ROW_MATRICES; ++i)
                matrixMultiplyAdd(weights[i], values, outputs[i * DEPTH_MATRICES + n]);
        }
    }
}

// Gathers the keys of [first, end).
void attend(int first, int end, float factor) {
    FETCH(k, first, end)
    for (int key = first; key < end; key += MATRIX_KEYS) {
        barrier();
        put();
        FETCH(v, key, end)
        barrier();
        scoreBlock();
        barrier();
        put();
        FETCH(k, key + MATRIX_KEYS, end)
        weighBlock(key, end, factor * LOG2_E);
        barrier();
        gatherValues();
    }
}

// The rows' sums over their work-items.
void totalSums() {
    barrier();
    [[unroll]] for (int j = 0; j < ITEM_ROWS; ++j)
        sumTile[tileRow(j) * SCORE_STRIDE + lane / PART_ROWS / 4][lane / PART_ROWS % 4] = sums[j];
    barrier();
    [[unroll]] for (int j = 0; j < ITEM_ROWS; ++j) {
        sums[j] = 0.0;
        [[unroll]] for (int part = 0; part < ROW_ITEMS; ++part)
            sums[j] += sumTile[tileRow(j) * SCORE_STRIDE + part / 4][part % 4];
    }
}

// Eight elements of a row's output, from a column on.
void storeWord(int row, int word, vec4 low, vec4 high);

// The outputs, a column of matrices at a time by way of sumTile.
void storeOutputs() {
    MATRIX_LOOP for (int n = 0; n < DEPTH_MATRICES; ++n) {
        barrier();
        MATRIX_LOOP for (int i = 0; i < ROW_MATRICES; ++i)
            matrixStore(outputs[i * DEPTH_MATRICES + n], (partRow + i * MATRIX_M) * SCORE_STRIDE, SCORE_STRIDE);
        barrier();
        [[unroll]] for (int step = 0; step < (PART_ROWS * MATRIX_N / 8 + LANES - 1) / LANES; ++step) {
            const int i = lane + LANES * step;
            if (i >= PART_ROWS * MATRIX_N / 8) break;
            const int row = partRow + i / (MATRIX_N / 8), word = i % (MATRIX_N / 8);
            const int place = row * SCORE_STRIDE + 2 * word;
            if (row0 + row < endRow && n * MATRIX_N / 8 + word < words)
                storeWord(row0 + row, n * MATRIX_N / 8 + word, sumTile[place], sumTile[place + 1]);
        }
    }
}

#ifndef PARTIAL_OUTPUT
TENSOR_o(uvec4, o);

void storeWord(int row, int word, vec4 low, vec4 high) {
    o[rowBase(row) + word] = uvec4(storedQuad(low), storedQuad(high));
}

// A row that has seen nothing but masked keys gives zeros.
void storeRows() {
    totalSums();
    [[unroll]] for (int j = 0; j < ITEM_ROWS; ++j)
        if (lane < PART_ROWS) rowFactors[tileRow(j)] = maxima[j] > 0.5 * MASKED ? 1.0 / sums[j] : 0.0;
    barrier();
    MATRIX_LOOP for (int i = 0; i < ROW_MATRICES; ++i) {
        MATRIX_LOOP for (int n = 0; n < DEPTH_MATRICES; ++n)
            matrixScaleRows(outputs[i * DEPTH_MATRICES + n], partRow + i * MATRIX_M);
    }
    storeOutputs();
}
#endif

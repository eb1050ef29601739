// Attention in one pass over the keys: what flash and its relatives share. A work-group of 8 × 8 keeps the outputs of
// 8·ROWS rows in registers and takes BLOCK_N keys at a time: scores (ROWS × BLOCK_N/8 a work-item), their maximum
// across the work-items of a row, exp2 of the differences into shared memory, then weights times values. Sums stay a
// work-item's own until the end. Queries are staged again for every block, out of the cache: to keep them in shared
// memory would cost as much as all else together, and with it the eighth row a work-item where there are 32 KiB. Half
// as many rows on the devices of Apple and Qualcomm, whose registers these tiles would overflow
// (Benchmarks/compilers/table.md).
//
// With GROUP > 1 (PACKS_GROUP) the rows of GROUP query heads that share a key head are interleaved: row r is query r /
// GROUP of head r % GROUP among them. A tile's rows are then neighbouring queries, and K and V are read once for all
// the heads.
//
// Before including this, a stage declares its buffers k and v (STORED4), and q unless it has its scores from elsewhere
// (NO_QUERIES); it defines KEY_AT(slot), the row of k and v in a slot of the block at hand, negative where there is
// none, unless they are a range (see `nextKey`).
#include "attention.glsl"

// vectors of four of an output row that are a work-item's own
#ifdef PACKS_GROUP
#else
const int GROUP = 1;
#endif
#define ROWS STREAMED_ROWS

const float MASKED = -1.7e38;  // about −FLT_MAX / 2: the difference of two such values is finite
const float LOG2_E = 1.44269504;

const int QUADS = BLOCK_N / 4;               // groups of four keys in a block
const int OWN_QUADS = QUADS / 8;             // of these, a work-item's own
const int PACKS = (ROWS + 3) / 4;            // vectors that hold a value a row
const int SLICE = 4;                         // vectors along the head, of all keys of a block, staged at a time
const int STRIDE = SLICE + 1;                // the odd one spreads rows over the banks
const int WEIGHT_STRIDE = QUADS + 1;
const int VALUE_STRIDE = 8 * HEAD_COLUMNS;
const int VALUE_KEYS = HEAD_COLUMNS == 1 ? 32 : (HEAD_COLUMNS == 2 ? 16 : 8);  // keys whose values are staged at a time

const int KEY_STAGE = BLOCK_N * STRIDE, VALUE_STAGE = VALUE_KEYS * VALUE_STRIDE;

#ifndef NO_QUERIES
shared vec4 queryTile[8 * ROWS * STRIDE];
#endif
shared vec4 weightTile[8 * ROWS * WEIGHT_STRIDE];
shared vec4 staged[KEY_STAGE > VALUE_STAGE ? KEY_STAGE : VALUE_STAGE];

// A work-item's place, its rows, and where its key head begins in k and v. Set by `begin`.
int x, y, item, depth, row0, endRow, firstHead, keyBase;

// What a work-item gathers for its rows: columns of the output, maxima in units of log₂, sums of weights.
vec4 outputs[ROWS * HEAD_COLUMNS];
vec4 maxima[PACKS], sums[PACKS];
// The scores of the block at hand: four keys a vector.
vec4 scores[ROWS * OWN_QUADS];

#ifndef KEY_AT
// The block at hand has the keys from nextKey on, below keyLimit.
int nextKey, keyLimit;
#define KEY_AT(slot) (nextKey + (slot) < keyLimit ? nextKey + (slot) : -1)
#endif

int rowOf(int j) { return row0 + y + 8 * j; }
int lastRow() { return min(row0 + 8 * ROWS, endRow) - 1; }

// Where a row's query and output begin, in vectors of four.
int rowBase(int row) { return ((firstHead + row % GROUP) * Lq + row / GROUP) * depth; }

// The rows from `first` on, below `end`, of the GROUP heads from GROUP · `group` on.
void begin(int first, int end, int group) {
    x = int(gl_LocalInvocationID.x);
    y = int(gl_LocalInvocationID.y);
    item = int(gl_LocalInvocationIndex);
    depth = D / 4;
    row0 = first;
    endRow = end;
    firstHead = group * GROUP;
    keyBase = keyHead(firstHead) * Lk * depth;
    [[unroll]] for (int i = 0; i < ROWS * HEAD_COLUMNS; ++i) outputs[i] = vec4(0.0);
    [[unroll]] for (int i = 0; i < PACKS; ++i) {
        maxima[i] = vec4(MASKED);
        sums[i] = vec4(0.0);
    }
}

#ifndef NO_QUERIES
// A slice of the rows' queries.
void loadQueries(int slice) {
    [[unroll]] for (int step = 0; step < ROWS / 2 + ROWS % 2; ++step) {
        const int i = item + 64 * step, row = i / SLICE, column = slice + i % SLICE;
        if (row < 8 * ROWS) {
            const bool inside = row0 + row < endRow && column < depth;
            queryTile[row * STRIDE + i % SLICE] = inside ? LOAD4(q[rowBase(row0 + row) + column]) : vec4(0.0);
        }
    }
}

// A slice of a block's keys. Key 4·quad + i lies in row i·QUADS + quad, so that neighbours in a work-group's row, which
// own neighbouring quads, read neighbouring rows.
void loadKeys(int slice) {
    [[unroll]] for (int step = 0; step < BLOCK_N * SLICE / 64; ++step) {
        const int i = item + 64 * step, slot = i / SLICE, column = slice + i % SLICE, key = KEY_AT(slot);
        const bool inside = key >= 0 && column < depth;
        staged[((slot % 4) * QUADS + slot / 4) * STRIDE + i % SLICE] =
            inside ? LOAD4(k[keyBase + key * depth + column]) : vec4(0.0);
    }
}

// The block's scores, in units of log₂ so that exp2 serves.
void scoreBlock(float factor) {
    [[unroll]] for (int i = 0; i < ROWS * OWN_QUADS; ++i) scores[i] = vec4(0.0);
    for (int slice = 0; slice < depth; slice += SLICE) {
        barrier();
        loadQueries(slice);
        loadKeys(slice);
        barrier();
        [[unroll]] for (int c = 0; c < SLICE; ++c) {
            vec4 query[ROWS];
            [[unroll]] for (int j = 0; j < ROWS; ++j) query[j] = queryTile[(y + 8 * j) * STRIDE + c];
            [[unroll]] for (int n = 0; n < OWN_QUADS; ++n) {
                [[unroll]] for (int i = 0; i < 4; ++i) {
                    const vec4 key = staged[(i * QUADS + x + 8 * n) * STRIDE + c];
                    [[unroll]] for (int j = 0; j < ROWS; ++j)
                        scores[j * OWN_QUADS + n][i] = multiplyAdd(query[j], key, scores[j * OWN_QUADS + n][i]);
                }
            }
        }
    }
    [[unroll]] for (int i = 0; i < ROWS * OWN_QUADS; ++i) scores[i] *= factor * LOG2_E;
}
#endif

// The slot of element i of a work-item's n-th vector of scores.
int slotOf(int n, int i) { return 4 * (x + 8 * n) + i; }

// A step of the online softmax: scores become weights in shared memory, and what was gathered is brought to the new
// maxima, which are found through shared memory: what a work-item found, then the largest of its row.
void weighBlock() {
    vec4 largest[PACKS];
    [[unroll]] for (int i = 0; i < PACKS; ++i) largest[i] = vec4(MASKED);
    [[unroll]] for (int j = 0; j < ROWS; ++j) {
        [[unroll]] for (int n = 0; n < OWN_QUADS; ++n) {
            const vec4 quad = scores[j * OWN_QUADS + n];
            largest[j / 4][j % 4] = max(largest[j / 4][j % 4], max(max(quad.x, quad.y), max(quad.z, quad.w)));
        }
    }
    barrier();
    [[unroll]] for (int i = 0; i < PACKS; ++i) staged[64 * i + item] = largest[i];
    barrier();
    [[unroll]] for (int i = 0; i < PACKS; ++i) {
        largest[i] = maxima[i];
        [[unroll]] for (int n = 0; n < 8; ++n) largest[i] = max(largest[i], staged[64 * i + 8 * y + n]);
    }

    [[unroll]] for (int i = 0; i < PACKS; ++i) {
        maxima[i] = exp2(maxima[i] - largest[i]);
        sums[i] *= maxima[i];
    }
    [[unroll]] for (int j = 0; j < ROWS; ++j) {
        [[unroll]] for (int c = 0; c < HEAD_COLUMNS; ++c) outputs[j * HEAD_COLUMNS + c] *= maxima[j / 4][j % 4];
        [[unroll]] for (int n = 0; n < OWN_QUADS; ++n) {
            const vec4 weights = exp2(scores[j * OWN_QUADS + n] - largest[j / 4][j % 4]);
            sums[j / 4][j % 4] += (weights.x + weights.y) + (weights.z + weights.w);
            weightTile[(y + 8 * j) * WEIGHT_STRIDE + x + 8 * n] = weights;
        }
    }
    [[unroll]] for (int i = 0; i < PACKS; ++i) maxima[i] = largest[i];
}

// The values of VALUE_KEYS keys of the block.
void loadValues(int slot0) {
    [[unroll]] for (int step = 0; step < VALUE_STAGE / 64; ++step) {
        const int i = item + 64 * step, key = KEY_AT(slot0 + i / VALUE_STRIDE), column = i % VALUE_STRIDE;
        staged[i] = key >= 0 && column < depth ? LOAD4(v[keyBase + key * depth + column]) : vec4(0.0);
    }
}

// Adds weights times values of the block's first `count` keys. Where rows are few, as when decoding, and so keys often
// very many, the block has a sum of its own: rounding then grows with the blocks, not with the keys.
void gatherValues(int count) {
    vec4 before[ROWS * HEAD_COLUMNS];
    if (ROWS <= 2) {
        [[unroll]] for (int i = 0; i < ROWS * HEAD_COLUMNS; ++i) {
            before[i] = outputs[i];
            outputs[i] = vec4(0.0);
        }
    }
    for (int slice = 0; slice < BLOCK_N && slice < count; slice += VALUE_KEYS) {
        barrier();
        loadValues(slice);
        barrier();
        for (int quad = 0; quad < VALUE_KEYS / 4; ++quad) {
            vec4 weights[ROWS];
            [[unroll]] for (int j = 0; j < ROWS; ++j)
                weights[j] = weightTile[(y + 8 * j) * WEIGHT_STRIDE + slice / 4 + quad];
            [[unroll]] for (int i = 0; i < 4; ++i) {
                [[unroll]] for (int c = 0; c < HEAD_COLUMNS; ++c) {
                    const vec4 value = staged[(4 * quad + i) * VALUE_STRIDE + x + 8 * c];
                    [[unroll]] for (int j = 0; j < ROWS; ++j)
                        outputs[j * HEAD_COLUMNS + c] += weights[j][i] * value;
                }
            }
        }
    }
    if (ROWS <= 2) {
        [[unroll]] for (int i = 0; i < ROWS * HEAD_COLUMNS; ++i) outputs[i] += before[i];
    }
}

// The rows' sums over their work-items.
void totalSums() {
    barrier();
    [[unroll]] for (int i = 0; i < PACKS; ++i) staged[64 * i + item] = sums[i];
    barrier();
    [[unroll]] for (int i = 0; i < PACKS; ++i) {
        sums[i] = vec4(0.0);
        [[unroll]] for (int n = 0; n < 8; ++n) sums[i] += staged[64 * i + 8 * y + n];
    }
}

// What an output is multiplied by: a row that has seen nothing but masked keys gives zeros.
float outputFactor(int j) { return maxima[j / 4][j % 4] > 0.5 * MASKED ? 1.0 / sums[j / 4][j % 4] : 0.0; }

#ifndef PARTIAL_OUTPUT
void storeRows() {
    totalSums();
    [[unroll]] for (int j = 0; j < ROWS; ++j) {
        const float factor = outputFactor(j);
        [[unroll]] for (int c = 0; c < HEAD_COLUMNS; ++c) {
            const int column = x + 8 * c;
            if (rowOf(j) < endRow && column < depth)
                o[rowBase(rowOf(j)) + column] = STORE4(outputs[j * HEAD_COLUMNS + c] * factor);
        }
    }
}
#endif

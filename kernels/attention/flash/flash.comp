#version 450
#define TAKES_SCALE
#include "../attention.glsl"

// o = softmax(scale · q kᵀ) v in one pass over the keys. A work-group of 8 × 8 keeps the outputs of 8·ROWS queries in
// registers and takes BLOCK_N keys at a time: scores (ROWS × BLOCK_N/8 a work-item), their maximum across the work-items of
// a row, exp2 of the differences into shared memory, then weights times values. Sums stay a work-item's own until the end.
// Queries are staged again for every block, out of the cache: to keep them in shared memory would cost as much as all
// else together, and with it the eighth row a work-item where there are 32 KiB. Work-groups with the most keys under a
// causal mask start first.
layout(constant_id = 3) const int HEAD_COLUMNS = 2;  // vectors of four of an output row that are a work-item's own
layout(constant_id = 4) const int BLOCK_N = 64;
layout(constant_id = 5) const int STREAMED_ROWS = 8;
#define ROWS STREAMED_ROWS

layout(set = 0, binding = 0, std430) readonly buffer Queries { STORED4 q[]; };
layout(set = 0, binding = 1, std430) readonly buffer Keys { STORED4 k[]; };
layout(set = 0, binding = 2, std430) readonly buffer Values { STORED4 v[]; };
layout(set = 0, binding = 3, std430) writeonly buffer Outputs { STORED4 o[]; };

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

shared vec4 queryTile[8 * ROWS * STRIDE];
shared vec4 weightTile[8 * ROWS * WEIGHT_STRIDE];
shared vec4 staged[KEY_STAGE > VALUE_STAGE ? KEY_STAGE : VALUE_STAGE];

// A slice of the rows' queries.
void loadQueries(int base, int row0, int slice, int item) {
    const int depth = D / 4;
    [[unroll]] for (int step = 0; step < ROWS / 2 + ROWS % 2; ++step) {
        const int i = item + 64 * step, row = i / SLICE, column = slice + i % SLICE;
        if (row < 8 * ROWS) {
            const bool inside = row0 + row < Lq && column < depth;
            queryTile[row * STRIDE + i % SLICE] =
                inside ? vec4(q[base + (row0 + row) * depth + column]) : vec4(0.0);
        }
    }
}

// A slice of a block's keys. Key 4·quad + i lies in row i·QUADS + quad, so that neighbours in a work-group's row, which
// own neighbouring quads, read neighbouring rows.
void loadKeys(int base, int key0, int end, int slice, int item) {
    const int depth = D / 4;
    [[unroll]] for (int step = 0; step < BLOCK_N * SLICE / 64; ++step) {
        const int i = item + 64 * step, key = i / SLICE, column = slice + i % SLICE;
        const bool inside = key0 + key < end && column < depth;
        staged[((key % 4) * QUADS + key / 4) * STRIDE + i % SLICE] =
            inside ? vec4(k[base + (key0 + key) * depth + column]) : vec4(0.0);
    }
}

void loadValues(int base, int key0, int end, int item) {
    const int depth = D / 4;
    [[unroll]] for (int step = 0; step < VALUE_STAGE / 64; ++step) {
        const int i = item + 64 * step, key = key0 + i / VALUE_STRIDE, column = i % VALUE_STRIDE;
        staged[i] = key < end && column < depth ? vec4(v[base + key * depth + column]) : vec4(0.0);
    }
}

void main() {
    const int x = int(gl_LocalInvocationID.x), y = int(gl_LocalInvocationID.y);
    const int item = int(gl_LocalInvocationIndex);
    const int row0 = int(gl_NumWorkGroups.x - 1 - gl_WorkGroupID.x) * 8 * ROWS;
    const int head = int(gl_WorkGroupID.y);
    const int lastRow = min(row0 + 8 * ROWS, Lq) - 1;
    const int end = endKey(lastRow);
    const int depth = D / 4;
    const int keyBase = keyHead(head) * Lk * depth;
    const int queryBase = head * Lq * depth;

    vec4 outputs[ROWS * HEAD_COLUMNS];
    vec4 maxima[PACKS], sums[PACKS];
    [[unroll]] for (int i = 0; i < ROWS * HEAD_COLUMNS; ++i) outputs[i] = vec4(0.0);
    [[unroll]] for (int i = 0; i < PACKS; ++i) {
        maxima[i] = vec4(MASKED);
        sums[i] = vec4(0.0);
    }

    for (int key0 = firstKey(row0); key0 < end; key0 += BLOCK_N) {
        vec4 scores[ROWS * OWN_QUADS];
        [[unroll]] for (int i = 0; i < ROWS * OWN_QUADS; ++i) scores[i] = vec4(0.0);
        for (int slice = 0; slice < depth; slice += SLICE) {
            barrier();
            loadQueries(queryBase, row0, slice, item);
            loadKeys(keyBase, key0, end, slice, item);
            barrier();
            [[unroll]] for (int c = 0; c < SLICE; ++c) {
                vec4 query[ROWS];
                [[unroll]] for (int j = 0; j < ROWS; ++j)
                    query[j] = queryTile[(y + 8 * j) * STRIDE + c];
                [[unroll]] for (int n = 0; n < OWN_QUADS; ++n) {
                    [[unroll]] for (int i = 0; i < 4; ++i) {
                        const vec4 key = staged[(i * QUADS + x + 8 * n) * STRIDE + c];
                        [[unroll]] for (int j = 0; j < ROWS; ++j)
                            scores[j * OWN_QUADS + n][i] = multiplyAdd(query[j], key, scores[j * OWN_QUADS + n][i]);
                    }
                }
            }
        }

        // In units of log₂, so that exp2 serves.
        [[unroll]] for (int i = 0; i < ROWS * OWN_QUADS; ++i) scores[i] *= scale * LOG2_E;

        // Only blocks at the edge of what the rows see hold keys that some row does not see.
        if (key0 + BLOCK_N > endKey(row0) || key0 < firstKey(lastRow)) {
            [[unroll]] for (int j = 0; j < ROWS; ++j) {
                const int first = firstKey(row0 + y + 8 * j), rowEnd = endKey(row0 + y + 8 * j);
                [[unroll]] for (int n = 0; n < OWN_QUADS; ++n) {
                    [[unroll]] for (int i = 0; i < 4; ++i) {
                        const int key = key0 + 4 * (x + 8 * n) + i;
                        if (key < first || key >= rowEnd) scores[j * OWN_QUADS + n][i] = MASKED;
                    }
                }
            }
        }

        // The rows' new maxima, through shared memory: what a work-item found, then the largest of its row.
        vec4 largest[PACKS];
        [[unroll]] for (int i = 0; i < PACKS; ++i) largest[i] = vec4(MASKED);
        [[unroll]] for (int j = 0; j < ROWS; ++j) {
            [[unroll]] for (int n = 0; n < OWN_QUADS; ++n) {
                const vec4 quad = scores[j * OWN_QUADS + n];
                largest[j / 4][j % 4] =
                    max(largest[j / 4][j % 4], max(max(quad.x, quad.y), max(quad.z, quad.w)));
            }
        }
        barrier();
        [[unroll]] for (int i = 0; i < PACKS; ++i) staged[64 * i + item] = largest[i];
        barrier();
        [[unroll]] for (int i = 0; i < PACKS; ++i) {
            largest[i] = maxima[i];
            [[unroll]] for (int n = 0; n < 8; ++n) largest[i] = max(largest[i], staged[64 * i + 8 * y + n]);
        }

        // Weights, and what was gathered so far brought to the new maxima.
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

        for (int slice = 0; slice < BLOCK_N && key0 + slice < end; slice += VALUE_KEYS) {
            barrier();
            loadValues(keyBase, key0 + slice, end, item);
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
    }

    // The rows' sums over their work-items.
    barrier();
    [[unroll]] for (int i = 0; i < PACKS; ++i) staged[64 * i + item] = sums[i];
    barrier();
    [[unroll]] for (int i = 0; i < PACKS; ++i) {
        sums[i] = vec4(0.0);
        [[unroll]] for (int n = 0; n < 8; ++n) sums[i] += staged[64 * i + 8 * y + n];
    }
    [[unroll]] for (int j = 0; j < ROWS; ++j) {
        const int row = row0 + y + 8 * j;
        // A row that has seen nothing but masked keys gives zeros.
        const float factor = maxima[j / 4][j % 4] > 0.5 * MASKED ? 1.0 / sums[j / 4][j % 4] : 0.0;
        [[unroll]] for (int c = 0; c < HEAD_COLUMNS; ++c) {
            const int column = x + 8 * c;
            if (row < Lq && column < depth)
                o[queryBase + row * depth + column] = STORED4(outputs[j * HEAD_COLUMNS + c] * factor);
        }
    }
}

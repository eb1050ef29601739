#include "attention.glsl"

// scores[i, j] = scale · q[i] · k[j], a tile of 8·ROWS queries by 64 keys a work-group of 8 × 8, ROWS × 8 scores a
// work-item: with ROWS = 8, 16 vectors read from shared memory feed 256 multiply-adds. Tiles that no query sees are
// left out, and within a tile nothing is masked: the later stages read visible keys only.
//
// With FINDS_MAXIMA what a query does not see is masked, and each row's largest score in each tile is stored too.
#ifdef SCORE_ROWS_CONSTANT
#define ROWS SCORE_ROWS
#endif

TENSOR_q(STORED4, q);
TENSOR_k(STORED4, k);
TENSOR_scores(float, scores);
#ifdef FINDS_MAXIMA
TENSOR_maxima(float, maxima);  // [head, row, tile of keys]
#endif

const int KEYS = 64;
const int SLICE = 4;   // vectors of four along the head that lie in shared memory at a time
const float MASKED = -1.7e38;
const int STRIDE = 5;  // one more, so that the eight work-items of a row of the group read eight different banks

shared vec4 queryTile[8 * ROWS * STRIDE];
shared vec4 keyTile[KEYS * STRIDE];
#ifdef FINDS_MAXIMA
shared float found[8 * ROWS * 8];
#endif

void stageTiles(int queryBase, int keyBase, int row0, int key0, int slice, int depth, int item) {
    [[unroll]] for (int step = 0; step < ROWS / 2 + ROWS % 2; ++step) {
        const int i = item + 64 * step, row = i / SLICE, column = slice + i % SLICE;
        if (row < 8 * ROWS) {
            const bool inside = row0 + row < Lq && column < depth;
            queryTile[row * STRIDE + i % SLICE] =
                inside ? LOAD4(q[queryBase + (row0 + row) * depth + column]) : vec4(0.0);
        }
    }
    [[unroll]] for (int step = 0; step < KEYS * SLICE / 64; ++step) {
        const int i = item + 64 * step, key = i / SLICE, column = slice + i % SLICE;
        const bool inside = key0 + key < Lk && column < depth;
        keyTile[key * STRIDE + i % SLICE] = inside ? LOAD4(k[keyBase + (key0 + key) * depth + column]) : vec4(0.0);
    }
}

void main() {
    const int x = int(gl_LocalInvocationID.x), y = int(gl_LocalInvocationID.y);
    const int item = int(gl_LocalInvocationIndex);
    const int key0 = int(gl_WorkGroupID.x) * KEYS;
    const int row0 = int(gl_WorkGroupID.y) * 8 * ROWS;
    const int head = int(gl_WorkGroupID.z);
    if (key0 >= endKey(min(row0 + 8 * ROWS, Lq) - 1) || key0 + KEYS <= firstKey(row0)) return;

    const int depth = D / 4;
    const int queryBase = head * Lq * depth, keyBase = keyHead(head) * Lk * depth;
    float sums[ROWS * 8];
    [[unroll]] for (int i = 0; i < ROWS * 8; ++i) sums[i] = 0.0;

    for (int slice = 0; slice < depth; slice += SLICE) {
        stageTiles(queryBase, keyBase, row0, key0, slice, depth, item);
        barrier();
        [[unroll]] for (int c = 0; c < SLICE; ++c) {
            vec4 query[ROWS];
            [[unroll]] for (int j = 0; j < ROWS; ++j) query[j] = queryTile[(y + 8 * j) * STRIDE + c];
            [[unroll]] for (int n = 0; n < 8; ++n) {
                const vec4 key = keyTile[(x + 8 * n) * STRIDE + c];
                [[unroll]] for (int j = 0; j < ROWS; ++j)
                    sums[j * 8 + n] = multiplyAdd(query[j], key, sums[j * 8 + n]);
            }
        }
        barrier();
    }

    [[unroll]] for (int i = 0; i < ROWS * 8; ++i) sums[i] *= scale;
#ifdef FINDS_MAXIMA
    [[unroll]] for (int j = 0; j < ROWS; ++j) {
        const int first = firstKey(row0 + y + 8 * j), end = endKey(row0 + y + 8 * j);
        float largest = MASKED;
        [[unroll]] for (int n = 0; n < 8; ++n) {
            const int key = key0 + x + 8 * n;
            if (key < first || key >= end) sums[j * 8 + n] = MASKED;
            largest = max(largest, sums[j * 8 + n]);
        }
        found[(y + 8 * j) * 8 + x] = largest;
    }
    barrier();
    if (item < 8 * ROWS && row0 + item < Lq) {
        float largest = MASKED;
        [[unroll]] for (int n = 0; n < 8; ++n) largest = max(largest, found[item * 8 + n]);
        maxima[(head * Lq + row0 + item) * ((Lk + 63) / 64) + int(gl_WorkGroupID.x)] = largest;
    }
#endif
    [[unroll]] for (int j = 0; j < ROWS; ++j) {
        const int row = row0 + y + 8 * j;
        if (row >= Lq) break;
        const int base = (head * Lq + row) * Lk;
        [[unroll]] for (int n = 0; n < 8; ++n) {
            const int key = key0 + x + 8 * n;
            if (key < Lk) scores[base + key] = sums[j * 8 + n];
        }
    }
}

#include "attention.glsl"

// o[i] = Σⱼ weights[i, j] · v[j], a tile of 8·ROWS queries by 64 of the head a work-group of 8 × 8, ROWS × 8 outputs a
// work-item. Keys that no query of the tile sees are never read, those that one does not see weigh 0. With
// DIVIDES_BY_SUMS weights come with their sums, which the outputs are divided by.

TENSOR_scores(float, weights);
TENSOR_v(STORED4, v);
TENSOR_o(STORED4, o);
#ifdef DIVIDES_BY_SUMS
TENSOR_sums(float, rowSums);
#endif

const int SLICE = 16;   // keys that lie in shared memory at a time
const int COLUMNS = 16;  // vectors of four along the head
const int STRIDE = 5;

shared vec4 weightTile[8 * ROWS * STRIDE];
shared vec4 valueTile[SLICE * COLUMNS];

float weight(int base, int row, int key) {
    const bool isSeen = row < Lq && key >= firstKey(row) && key < endKey(row);
    return isSeen ? weights[base + key] : 0.0;
}

void stageTiles(int head, int valueBase, int row0, int key0, int end, int column0, int depth, int item) {
    [[unroll]] for (int step = 0; step < ROWS / 2 + ROWS % 2; ++step) {
        const int i = item + 64 * step, tileRow = i / 4, row = row0 + tileRow, key = key0 + i % 4 * 4;
        if (tileRow < 8 * ROWS) {
            const int base = (head * Lq + row) * Lk;
            weightTile[tileRow * STRIDE + i % 4] = vec4(
                weight(base, row, key), weight(base, row, key + 1), weight(base, row, key + 2),
                weight(base, row, key + 3));
        }
    }
    [[unroll]] for (int step = 0; step < SLICE * COLUMNS / 64; ++step) {
        const int i = item + 64 * step, key = key0 + i / COLUMNS, column = column0 + i % COLUMNS;
        valueTile[i] = key < end && column < depth ? LOAD4(v[valueBase + key * depth + column]) : vec4(0.0);
    }
}

void main() {
    const int x = int(gl_LocalInvocationID.x), y = int(gl_LocalInvocationID.y);
    const int item = int(gl_LocalInvocationIndex);
    const int column0 = int(gl_WorkGroupID.x) * COLUMNS;
    const int row0 = int(gl_WorkGroupID.y) * 8 * ROWS;
    const int head = int(gl_WorkGroupID.z);
    const int depth = D / 4;
    const int valueBase = keyHead(head) * Lk * depth;
    const int end = endKey(min(row0 + 8 * ROWS, Lq) - 1);

    vec4 sums[ROWS * 2];
    [[unroll]] for (int i = 0; i < ROWS * 2; ++i) sums[i] = vec4(0.0);

    for (int key0 = firstKey(row0); key0 < end; key0 += SLICE) {
        stageTiles(head, valueBase, row0, key0, end, column0, depth, item);
        barrier();
        // Few rows often have very many keys: the slice has a sum of its own, so that rounding grows with the slices.
        vec4 before[ROWS * 2];
        if (ROWS <= 2) {
            [[unroll]] for (int i = 0; i < ROWS * 2; ++i) {
                before[i] = sums[i];
                sums[i] = vec4(0.0);
            }
        }
        [[unroll]] for (int quad = 0; quad < SLICE / 4; ++quad) {
            vec4 rowWeights[ROWS];
            [[unroll]] for (int j = 0; j < ROWS; ++j) rowWeights[j] = weightTile[(y + 8 * j) * STRIDE + quad];
            [[unroll]] for (int key = 0; key < 4; ++key) {
                const vec4 left = valueTile[(4 * quad + key) * COLUMNS + x];
                const vec4 right = valueTile[(4 * quad + key) * COLUMNS + x + 8];
                [[unroll]] for (int j = 0; j < ROWS; ++j) {
                    sums[2 * j] += rowWeights[j][key] * left;
                    sums[2 * j + 1] += rowWeights[j][key] * right;
                }
            }
        }
        if (ROWS <= 2) {
            [[unroll]] for (int i = 0; i < ROWS * 2; ++i) sums[i] += before[i];
        }
        barrier();
    }

    [[unroll]] for (int j = 0; j < ROWS; ++j) {
        const int row = row0 + y + 8 * j;
        if (row >= Lq) break;
#ifdef DIVIDES_BY_SUMS
        const float sum = rowSums[head * Lq + row], factor = sum > 0.0 ? 1.0 / sum : 0.0;
        sums[2 * j] *= factor;
        sums[2 * j + 1] *= factor;
#endif
        const int base = (head * Lq + row) * depth + column0;
        if (column0 + x < depth) o[base + x] = STORE4(sums[2 * j]);
        if (column0 + x + 8 < depth) o[base + x + 8] = STORE4(sums[2 * j + 1]);
    }
}

#include "../../attention/attention.glsl"

// Walks the blocks of keys that the mask lists for a row of blocks. What they hold is put side by side, BLOCK_N keys at
// a time, whatever the size of a block; a work-group's rows lie in one row of blocks.
TENSOR_q(STORED4, q);
TENSOR_k(STORED4, k);
TENSOR_v(STORED4, v);
TENSOR_mask_indptr(int, starts);
TENSOR_mask_indices(int, indices);
TENSOR_o(STORED4, o);

shared int blockKeys[64];
#define LISTED_KEYS
#define KEY_AT(slot) blockKeys[slot]
#include "../sparse.glsl"

// The key at a place among those of a row of blocks, whose list begins at `start`.
int keyAt(int start, int place) { return indices[start + place / block] * block + place % block; }

// Hides what a row does not see, and slots without a key.
void hideUnseen() {
    [[unroll]] for (int j = 0; j < ROWS; ++j) {
        const int first = firstKey(rowOf(j) / GROUP), end = endKey(rowOf(j) / GROUP);
        [[unroll]] for (int n = 0; n < OWN_QUADS; ++n) {
            [[unroll]] for (int i = 0; i < 4; ++i) {
                const int key = blockKeys[slotOf(n, i)];
                if (key < first || key >= end) scores[j * OWN_QUADS + n][i] = MASKED;
            }
        }
    }
}

void main() {
    const int tiles = (block * GROUP + 8 * ROWS - 1) / (8 * ROWS), blockRow = int(gl_WorkGroupID.x) / tiles;
    begin(
        blockRow * block * GROUP + int(gl_WorkGroupID.x) % tiles * 8 * ROWS, min((blockRow + 1) * block, Lq) * GROUP,
        int(gl_WorkGroupID.y));
    if (row0 >= endRow) return;

    // What any row sees, and what all do.
    const int firstQuery = row0 / GROUP, lastQuery = lastRow() / GROUP;
    const int first = firstKey(firstQuery), end = endKey(lastQuery);
    const int lastFirst = firstKey(lastQuery), firstEnd = endKey(firstQuery);
    const int start = starts[blockRow], count = (starts[blockRow + 1] - start) * block;
    for (int place0 = 0; place0 < count; place0 += BLOCK_N) {
        const int lastPlace = min(place0 + BLOCK_N, count) - 1;
        const int lowest = keyAt(start, place0), highest = keyAt(start, lastPlace);
        if (lowest >= end || highest < first) continue;
        barrier();
        if (item < BLOCK_N) {
            const int key = place0 + item < count ? keyAt(start, place0 + item) : -1;
            blockKeys[item] = key >= first && key < end ? key : -1;
        }
        scoreBlock(scale);
        if (place0 + BLOCK_N > count || lowest < lastFirst || highest >= firstEnd) hideUnseen();
        weighBlock();
        gatherValues(lastPlace + 1 - place0);
    }
    storeRows();
}

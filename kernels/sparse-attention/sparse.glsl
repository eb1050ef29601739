// What the stages of sparse attention share: their arguments, and rows that a mask of bits hides keys from. Included
// after q, k, v, the mask and o are declared.
#define PACKS_GROUP
#include "../attention/one_pass.glsl"

#ifndef LISTED_KEYS
// Hides the keys of the block at hand whose bits are 0. Bit j % 32 of word j / 32 of a query's line says whether it
// sees key j.
void hideMasked() {
    const int words = (Lk + 31) / 32;
    [[unroll]] for (int j = 0; j < ROWS; ++j) {
        const int line = rowOf(j) / GROUP * words;
        [[unroll]] for (int n = 0; n < OWN_QUADS; ++n) {
            const int key = nextKey + slotOf(n, 0), word = key / 32;  // four keys of a vector lie in one word
            const uint bits = rowOf(j) < endRow && word < words ? mask[line + word] >> (key % 32) : 0;
            [[unroll]] for (int i = 0; i < 4; ++i) {
                if ((bits >> i & 1) == 0) scores[j * OWN_QUADS + n][i] = MASKED;
            }
        }
    }
}

// Gathers the block of keys from `first` on, of which the mask hides some if `isPartial`.
void attendBlock(int first, bool isPartial, float factor) {
    nextKey = first;
    keyLimit = Lk;
    scoreBlock(factor);
    if (isPartial) hideMasked();
    weighBlock();
    gatherValues(Lk - first);
}
#endif

// Rows that see a range of keys each: which keys the rows of a work-group see, and what each of them does not.
#ifndef KEY_RANGE_GLSL
#define KEY_RANGE_GLSL

int firstKeyOfRows() { return firstKey(row0 / GROUP); }
int endKeyOfRows() { return endKey(lastRow() / GROUP); }

// Only blocks at the edge of what the rows see, or of the keys at hand, hold keys that some row does not see.
void hideUnseen() {
    if (nextKey + BLOCK_N <= min(keyLimit, endKey(row0 / GROUP)) && nextKey >= firstKey(lastRow() / GROUP)) return;
    [[unroll]] for (int j = 0; j < ROWS; ++j) {
        const int first = firstKey(rowOf(j) / GROUP), end = min(keyLimit, endKey(rowOf(j) / GROUP));
        [[unroll]] for (int n = 0; n < OWN_QUADS; ++n) {
            [[unroll]] for (int i = 0; i < 4; ++i) {
                const int key = nextKey + slotOf(n, i);
                if (key < first || key >= end) scores[j * OWN_QUADS + n][i] = MASKED;
            }
        }
    }
}

#ifndef NO_QUERIES
// Gathers the keys of [first, end).
void attend(int first, int end, float factor) {
    keyLimit = end;
    for (nextKey = first; nextKey < end; nextKey += BLOCK_N) {
        scoreBlock(factor);
        hideUnseen();
        weighBlock();
        gatherValues(end - nextKey);
    }
}
#endif

#endif

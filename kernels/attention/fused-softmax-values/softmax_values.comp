#define NO_QUERIES
#include "../attention.glsl"

// Softmax and weights times values in one pass over the scores, which come from memory. 8·ROWS queries a work-group.
TENSOR_scores(float, rowScores);
TENSOR_v(STORED4, v);
TENSOR_o(STORED4, o);

#include "../one_pass.glsl"
#include "../key_range.glsl"

// The block's scores, in units of log₂.
void loadScores() {
    [[unroll]] for (int j = 0; j < ROWS; ++j) {
        const int base = (firstHead * Lq + rowOf(j)) * Lk;
        [[unroll]] for (int n = 0; n < OWN_QUADS; ++n) {
            [[unroll]] for (int i = 0; i < 4; ++i) {
                const int key = nextKey + slotOf(n, i);
                scores[j * OWN_QUADS + n][i] =
                    rowOf(j) < endRow && key < Lk ? rowScores[base + key] * LOG2_E : MASKED;
            }
        }
    }
}

void main() {
    begin(((Lq - 1) / (8 * ROWS) - int(gl_WorkGroupID.x)) * 8 * ROWS, Lq, int(gl_WorkGroupID.y));
    keyLimit = endKeyOfRows();
    // Whole blocks, as the scores' tiles are.
    for (nextKey = firstKeyOfRows() / BLOCK_N * BLOCK_N; nextKey < keyLimit; nextKey += BLOCK_N) {
        loadScores();
        hideUnseen();
        weighBlock();
        gatherValues(keyLimit - nextKey);
    }
    storeRows();
}

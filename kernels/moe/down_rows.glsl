// Each row of hidden · w_down to the place of its slot, where a token's rows are neighbours.
#include "down.glsl"

TENSOR_rows(STORED, rows);
TENSOR_rows(STORED4, wideRows);

void storeSums(int slot, int column, vec4 values) {
    const int index = slot * K + column;
    if (WIDE_K != 0) {
        if (column < K) wideRows[index / 4] = STORE4(values);
        return;
    }
    [[unroll]] for (int i = 0; i < 4; ++i)
        if (column + i < K) rows[index + i] = STORE(values[i]);
}

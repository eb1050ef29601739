// Each row of hidden · w_down to the place of its slot, where a token's rows are neighbours.
#include "down.glsl"

layout(set = 0, binding = 4, std430) writeonly buffer Rows { STORED rows[]; };
layout(set = 0, binding = 4, std430) writeonly buffer WideRows { STORED4 wideRows[]; };

void give(int slot, int column, vec4 values) {
    const int index = slot * K + column;
    if (WIDE_K != 0) {
        if (column < K) wideRows[index / 4] = STORED4(values);
        return;
    }
    [[unroll]] for (int i = 0; i < 4; ++i)
        if (column + i < K) rows[index + i] = STORED(values[i]);
}

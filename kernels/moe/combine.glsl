// y = Σ weight · rows over a token's slots, which lie next to each other: four columns a work-item.
#include "../storage.glsl"

TENSOR_rows(STORED, rows);
TENSOR_rows(STORED4, wideRows);
TENSOR_weight(STORED, weight);
TENSOR_y(STORED, y);
TENSOR_y(STORED4, wideY);

void main() {
    const int token = int(gl_WorkGroupID.x);
    const int column = (int(gl_WorkGroupID.y) * 64 + int(gl_LocalInvocationID.x)) * 4;
    if (column >= K) return;
    vec4 sum = vec4(0.0);
    for (int slot = token * topk; slot < (token + 1) * topk; ++slot) {
        const float factor = LOAD(weight[slot]);
        const int index = slot * K + column;
        if (WIDE_K != 0) {
            sum += factor * LOAD4(wideRows[index / 4]);
        } else {
            [[unroll]] for (int i = 0; i < 4; ++i)
                if (column + i < K) sum[i] += factor * LOAD(rows[index + i]);
        }
    }
    const int index = token * K + column;
    if (WIDE_K != 0) {
        wideY[index / 4] = STORE4(sum);
    } else {
        [[unroll]] for (int i = 0; i < 4; ++i)
            if (column + i < K) y[index + i] = STORE(sum[i]);
    }
}

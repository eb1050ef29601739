// y = Σ weight · rows over a token's slots, which lie next to each other: four columns a work-item.
#include "moe.glsl"

layout(constant_id = 3) const int WIDE_K = 0;

layout(set = 0, binding = 0, std430) readonly buffer Rows { STORED rows[]; };
layout(set = 0, binding = 0, std430) readonly buffer WideRows { STORED4 wideRows[]; };
layout(set = 0, binding = 1, std430) readonly buffer Weights { STORED weight[]; };
layout(set = 0, binding = 2, std430) writeonly buffer Result { STORED y[]; };
layout(set = 0, binding = 2, std430) writeonly buffer WideResult { STORED4 wideY[]; };

void main() {
    const int token = int(gl_WorkGroupID.x);
    const int column = (int(gl_WorkGroupID.y) * 64 + int(gl_LocalInvocationID.x)) * 4;
    if (column >= K) return;
    vec4 sum = vec4(0.0);
    for (int slot = token * topk; slot < (token + 1) * topk; ++slot) {
        const float factor = float(weight[slot]);
        const int index = slot * K + column;
        if (WIDE_K != 0) {
            sum += factor * vec4(wideRows[index / 4]);
        } else {
            [[unroll]] for (int i = 0; i < 4; ++i)
                if (column + i < K) sum[i] += factor * float(rows[index + i]);
        }
    }
    const int index = token * K + column;
    if (WIDE_K != 0) {
        wideY[index / 4] = STORED4(sum);
    } else {
        [[unroll]] for (int i = 0; i < 4; ++i)
            if (column + i < K) y[index + i] = STORED(sum[i]);
    }
}

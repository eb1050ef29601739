// hidden = silu(gate) · up over a run of rows, 1024 elements a work-group: neighbours read neighbours, nothing is read twice.
#include "moe.glsl"

layout(set = 0, binding = 0, std430) readonly buffer Gate { STORED gate[]; };
layout(set = 0, binding = 1, std430) readonly buffer Up { STORED up[]; };
#ifdef TAKES_TURN
#define OFFSETS_BINDING 2
#include "experts.glsl"
layout(set = 0, binding = 3, std430) writeonly buffer Hidden { STORED hidden[]; };
#else
layout(set = 0, binding = 2, std430) writeonly buffer Hidden { STORED hidden[]; };
#endif

void main() {
#ifdef TAKES_TURN
    const int expert = ownExpert(), first = offsets[expert] * N, end = offsets[expert + 1] * N;
#else
    const int first = 0, end = T * topk * N;
#endif
    const int start = first + int(gl_WorkGroupID.x) * 1024 + int(gl_LocalInvocationID.x);
    for (int step = 0; step < 1024; step += 64) {
        const int i = start + step;
        if (i >= end) return;
        const float value = float(gate[i]);
        hidden[i] = STORED(value / (1.0 + exp(-value)) * float(up[i]));
    }
}

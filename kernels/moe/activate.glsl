// hidden = silu(gate) · up over a run of rows, 1024 elements a work-group: neighbours read neighbours, nothing is read
// twice.
#include "../storage.glsl"
#include "../silu.glsl"

TENSOR_gate(STORED, gate);
TENSOR_up(STORED, up);
TENSOR_hidden(STORED, hidden);
#ifdef SERVES_ONE_EXPERT
#include "experts.glsl"
#endif

void main() {
#ifdef SERVES_ONE_EXPERT
    const int expert = ownExpert(), first = offsets[expert] * N, end = offsets[expert + 1] * N;
#else
    const int first = 0, end = T * topk * N;
#endif
    const int start = first + int(gl_WorkGroupID.x) * 1024 + int(gl_LocalInvocationID.x);
    for (int step = 0; step < 1024; step += 64) {
        const int i = start + step;
        if (i >= end) return;
        hidden[i] = STORE(silu(LOAD(gate[i])) * LOAD(up[i]));
    }
}

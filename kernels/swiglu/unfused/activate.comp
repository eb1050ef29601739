#include "../../storage.glsl"
#include "../../silu.glsl"

TENSOR_gate(STORED, gate);
TENSOR_activated(STORED, activated);

// One element a work-item and step: neighbours read neighbours, and nothing is read twice.
void main() {
    const uint count = uint(T) * uint(D);
    const uint start = gl_WorkGroupID.x * 1024u + gl_LocalInvocationID.x;
    for (uint step = 0u; step < 1024u; step += gl_WorkGroupSize.x) {
        const uint i = start + step;
        if (i < count) activated[i] = STORE(silu(LOAD(gate[i])));
    }
}

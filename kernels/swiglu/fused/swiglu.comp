#version 450
#include "../../storage.glsl"

layout(local_size_x_id = 0) in;
layout(binding = 0) readonly buffer GateBuffer { STORED gate[]; };
layout(binding = 1) readonly buffer UpBuffer { STORED up[]; };
layout(binding = 2) writeonly buffer YBuffer { STORED y[]; };
layout(push_constant) uniform Arguments {
    int T;
    int D;
};

// One element a work-item and step: neighbours read neighbours, and nothing is read twice.
void main() {
    const uint count = uint(T) * uint(D);
    const uint start = gl_WorkGroupID.x * 1024u + gl_LocalInvocationID.x;
    for (uint step = 0u; step < 1024u; step += gl_WorkGroupSize.x) {
        const uint i = start + step;
        if (i < count) y[i] = STORED(float(gate[i]) / (1.0 + exp(-float(gate[i]))) * float(up[i]));
    }
}

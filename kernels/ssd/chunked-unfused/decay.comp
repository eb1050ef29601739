#version 450
#include "../ssd.glsl"

// The sums of dt · A up to each step of a chunk; a work-group is a chunk of a head.
layout(local_size_x_id = 0) in;
layout(constant_id = 3) const int CHUNK = 256;

layout(set = 0, binding = 0, std430) readonly buffer Widths { STORED dt[]; };
layout(set = 0, binding = 1, std430) readonly buffer Rates { STORED A[]; };
layout(set = 0, binding = 2, std430) writeonly buffer Decays { float decays[]; };

#include "../decays.glsl"

void main() {
    const int head = int(gl_WorkGroupID.x), first = int(gl_WorkGroupID.y) * CHUNK, batch = int(gl_WorkGroupID.z);
    const int item = int(gl_LocalInvocationID.x), steps = min(CHUNK, L - first);
    sumDecays((batch * L + first) * H + head, float(A[head]) * LOG2_E, steps, item);
    const int base = (batch * H + head) * 2 * L + first;
    for (int i = item; i < steps; i += 64) {
        decays[base + i] = sums[i].x;
        decays[base + L + i] = sums[i].y;
    }
}

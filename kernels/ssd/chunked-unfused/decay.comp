#include "../ssd.glsl"

// The sums of dt · A up to each step of a chunk; a work-group is a chunk of a head.

TENSOR_dt(STORED, dt);
TENSOR_A(STORED, A);
TENSOR_decays(float, decays);

#include "../decays.glsl"

void main() {
    const int head = int(gl_WorkGroupID.x), first = int(gl_WorkGroupID.y) * CHUNK, batch = int(gl_WorkGroupID.z);
    const int item = int(gl_LocalInvocationID.x), steps = min(CHUNK, L - first);
    sumDecays((batch * L + first) * H + head, LOAD(A[head]) * LOG2_E, steps, item);
    const int base = (batch * H + head) * 2 * L + first;
    for (int i = item; i < steps; i += 64) {
        decays[base + i] = sums[i].x;
        decays[base + L + i] = sums[i].y;
    }
}

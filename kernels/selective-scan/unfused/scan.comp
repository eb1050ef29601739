#include "../../storage.glsl"

TENSOR_decay(float, decay);
TENSOR_state(float, state);

// h[l] = decay[l] * h[l - 1] + drive[l], in place: a work-item is one state of one channel.
void main() {
    const uint channel = gl_WorkGroupID.x * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
    if (channel >= uint(D)) return;
    const uint stride = uint(N) * uint(D);
    uint place = (gl_WorkGroupID.z * uint(L) * uint(N) + gl_WorkGroupID.y) * uint(D) + channel;
    float h = 0.0;
    for (int step = 0; step < L; step++, place += stride) {
        h = decay[place] * h + state[place];
        state[place] = h;
    }
}

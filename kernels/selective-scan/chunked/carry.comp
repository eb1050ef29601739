#include "../../storage.glsl"

// states[c] becomes the state before chunk c: h = exp(A · sum of the chunk's time steps) · h + what the chunk adds. A
// work-item is one state of one channel.
TENSOR_A(STORED, A);
TENSOR_widths(float, widths);
TENSOR_states(float, states);

void main() {
    const int channel = int(gl_GlobalInvocationID.x), n = int(gl_WorkGroupID.y);
    if (channel >= D) return;
    const int chunks = (L + steps - 1) / steps;
    const float rate = LOAD(A[channel * N + n]) * 1.44269504;
    int cell = int(gl_WorkGroupID.z) * chunks;
    float h = 0.0;
    for (int chunk = 0; chunk < chunks; chunk++, cell++) {
        const int place = (cell * N + n) * D + channel;
        const float added = states[place];
        states[place] = h;
        h = exp2(widths[cell * D + channel] * rate) * h + added;
    }
}

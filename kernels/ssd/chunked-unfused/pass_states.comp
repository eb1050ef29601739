#include "../ssd.glsl"

// states[c] becomes the state before chunk c: state = decay over c · state + what c adds. A work-item is an element of
// a head's state.

TENSOR_decays(float, decays);
TENSOR_states(float, states);

void main() {
    const int element = int(gl_GlobalInvocationID.x), head = int(gl_WorkGroupID.y), batch = int(gl_WorkGroupID.z);
    const int size = N * stateRow();
    if (element >= size) return;
    const int base = (batch * H + head) * 2 * L;
    int place = (batch * chunkCount() * H + head) * size + element;
    float state = 0.0;
    for (int chunk = 0; chunk < chunkCount(); ++chunk, place += H * size) {
        const float added = states[place];
        states[place] = state;
        state = exp2(decays[base + min((chunk + 1) * Q, L) - 1]) * state + added;
    }
}

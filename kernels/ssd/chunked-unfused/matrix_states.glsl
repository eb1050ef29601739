#include "../matrix_states.glsl"

TENSOR_decays(float, decays);

void main() {
    const int chunk = int(gl_WorkGroupID.z) % chunkCount(), batch = int(gl_WorkGroupID.z) / chunkCount();
    const int head = int(gl_WorkGroupID.y);
    beginStates(head, chunk, batch);
    const int widthBase = (batch * L + chunk * CHUNK) * H + head, decayBase = (batch * H + head) * 2 * L + chunk * CHUNK;
    const vec2 last = vec2(decays[decayBase + steps - 1], decays[decayBase + L + steps - 1]);
    for (int step = int(gl_LocalInvocationIndex); step < steps; step += ITEMS) {
        const vec2 own = vec2(decays[decayBase + step], decays[decayBase + L + step]);
        stepFactors[step] = exp2(difference(last, own)) * LOAD(dt[widthBase + step * H]);
    }
    barrier();
    multiplyBlock(steps);
}

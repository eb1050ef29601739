#include "../../storage.glsl"

TENSOR_qkv(STORED, qkv);
TENSOR_heads(STORED, heads);
TENSOR_values(STORED, values);

// One element a work-item and step: neighbours read neighbours of a head.
void main() {
    const uint queries = uint(Hq), keys = uint(Hkv), length = uint(L), size = uint(D);
    const uint headCount = queries + 2u * keys, count = uint(B) * length * headCount * size;
    const uint start = gl_WorkGroupID.x * 1024u + gl_LocalInvocationID.x;
    for (uint step = 0u; step < 1024u; step += gl_WorkGroupSize.x) {
        const uint i = start + step;
        if (i >= count) continue;
        const uint element = i % size, head = i / size % headCount, token = i / (headCount * size);
        const uint batch = token / length, place = token % length;
        if (head < queries + keys) {
            heads[((batch * (queries + keys) + head) * length + place) * size + element] = qkv[i];
        } else {
            values[((batch * keys + head - queries - keys) * length + place) * size + element] = qkv[i];
        }
    }
}

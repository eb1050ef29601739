#include "../../storage.glsl"

TENSOR_heads(STORED, turned);
TENSOR_rotation(float, rotation);
TENSOR_q(STORED, q);
TENSOR_rotated_keys(STORED, rotatedKeys);

#include "../rotate.glsl"

// One element a work-item and step: neighbours read neighbours of a head.
void main() {
    const uint queries = uint(Hq), keys = uint(Hkv), length = uint(L), size = uint(D);
    const uint headCount = queries + keys, count = uint(B) * length * headCount * size;
    const uint start = gl_WorkGroupID.x * 1024u + gl_LocalInvocationID.x;
    for (uint step = 0u; step < 1024u; step += gl_WorkGroupSize.x) {
        const uint i = start + step;
        if (i >= count) continue;
        const uint element = i % size, head = i / size % headCount, token = i / (headCount * size);
        const uint batch = token / length, place = token % length;
        const uint from = ((batch * headCount + head) * length + place) * size;
        const float value = rotatedElement(from, place, element);
        if (head < queries) {
            q[((batch * queries + head) * length + place) * size + element] = STORE(value);
        } else {
            rotatedKeys[((batch * keys + head - queries) * length + place) * size + element] = STORE(value);
        }
    }
}

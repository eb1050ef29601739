#include "../../storage.glsl"

TENSOR_qkv(STORED, turned);
TENSOR_rotation(float, rotation);
TENSOR_q(STORED, q);
TENSOR_k(STORED, k);
TENSOR_v(STORED, v);

#include "../rotate.glsl"

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
        const uint cached = uint(positions) - length + place;
        if (head < queries) {
            q[((batch * queries + head) * length + place) * size + element] =
                STORE(rotatedElement(i - element, place, element));
        } else if (head < queries + keys) {
            k[((batch * keys + head - queries) * uint(positions) + cached) * size + element] =
                STORE(rotatedElement(i - element, place, element));
        } else {
            v[((batch * keys + head - queries - keys) * uint(positions) + cached) * size + element] = turned[i];
        }
    }
}

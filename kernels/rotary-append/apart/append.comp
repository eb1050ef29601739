#include "../../storage.glsl"

TENSOR_rotated_keys(STORED, rotatedKeys);
TENSOR_values(STORED, values);
TENSOR_k(STORED, k);
TENSOR_v(STORED, v);

// One element a work-item and step: neighbours read neighbours of a head.
void main() {
    const uint keys = uint(Hkv), length = uint(L), size = uint(D);
    const uint headCount = keys, count = uint(B) * length * headCount * size;
    const uint start = gl_WorkGroupID.x * 1024u + gl_LocalInvocationID.x;
    for (uint step = 0u; step < 1024u; step += gl_WorkGroupSize.x) {
        const uint i = start + step;
        if (i >= count) continue;
        const uint element = i % size, head = i / size % headCount, token = i / (headCount * size);
        const uint batch = token / length, place = token % length;
        const uint from = ((batch * keys + head) * length + place) * size + element;
        const uint cached = uint(positions) - length + place;
        const uint to = ((batch * keys + head) * uint(positions) + cached) * size + element;
        k[to] = rotatedKeys[from];
        v[to] = values[from];
    }
}

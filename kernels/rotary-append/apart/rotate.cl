#include "../rotate.cl"

// One element a work-item and step: neighbours read neighbours of a head.
JOULEMARK_STAGE {
    const size_t count = (size_t)B * L * (Hq + Hkv) * D;
    const size_t start = get_group_id(0) * 1024 + get_local_id(0);
    for (size_t step = 0; step < 1024; step += WORK_GROUP_SIZE_X) {
        const size_t i = start + step;
        if (i >= count) continue;
        const int element = i % D, head = i / D % (Hq + Hkv);
        const size_t token = i / ((size_t)(Hq + Hkv) * D), batch = token / L, place = token % L;
        const size_t from = ((batch * (Hq + Hkv) + head) * L + place) * D;
        const float value = rotated_element(heads, from, rotation + place * max(rotated, 2), element, rotated);
        if (head < Hq) {
            STORE1(q, ((batch * Hq + head) * L + place) * D + element, value);
        } else {
            STORE1(rotated_keys, ((batch * Hkv + head - Hq) * L + place) * D + element, value);
        }
    }
}

#include "../rotate.cl"

// One element a work-item and step: neighbours read neighbours of a head.
JOULEMARK_STAGE {
    const size_t count = (size_t)B * L * (Hq + 2 * Hkv) * D;
    const size_t start = get_group_id(0) * 1024 + get_local_id(0);
    for (size_t step = 0; step < 1024; step += WORK_GROUP_SIZE_X) {
        const size_t i = start + step;
        if (i >= count) continue;
        const int element = i % D, head = i / D % (Hq + 2 * Hkv);
        const size_t token = i / ((size_t)(Hq + 2 * Hkv) * D), batch = token / L, place = token % L;
        if (head < Hq + Hkv) {
            const float value = rotated_element(qkv, i - element, rotation + place * max(rotated, 2), element, rotated);
            if (head < Hq) {
                STORE1(q, ((batch * Hq + head) * L + place) * D + element, value);
            } else {
                STORE1(k, ((batch * Hkv + head - Hq) * positions + positions - L + place) * D + element, value);
            }
        } else {
            STORE1(
                v, ((batch * Hkv + head - Hq - Hkv) * positions + positions - L + place) * D + element, LOAD1(qkv, i));
        }
    }
}

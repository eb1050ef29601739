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
            STORE1(heads, ((batch * (Hq + Hkv) + head) * L + place) * D + element, LOAD1(qkv, i));
        } else {
            STORE1(values, ((batch * Hkv + head - Hq - Hkv) * L + place) * D + element, LOAD1(qkv, i));
        }
    }
}

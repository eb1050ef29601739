#include "../../opencl/storage.cl"

// One element a work-item and step: neighbours read neighbours of a head.
JOULEMARK_STAGE {
    const size_t count = (size_t)B * L * (Hkv)*D;
    const size_t start = get_group_id(0) * 1024 + get_local_id(0);
    for (size_t step = 0; step < 1024; step += WORK_GROUP_SIZE_X) {
        const size_t i = start + step;
        if (i >= count) continue;
        const int element = i % D, head = i / D % (Hkv);
        const size_t token = i / ((size_t)(Hkv)*D), batch = token / L, place = token % L;
        const size_t from = ((batch * Hkv + head) * L + place) * D + element;
        const size_t to = ((batch * Hkv + head) * positions + positions - L + place) * D + element;
        STORE1(k, to, LOAD1(rotated_keys, from));
        STORE1(v, to, LOAD1(values, from));
    }
}

#include "../../opencl/storage.cl"

// The tokens in the order of their depths; those that go through no layer are done.
JOULEMARK_STAGE {
    const size_t count = (size_t)T * D, start = get_group_id(0) * 1024 + get_local_id(0);
    for (size_t step = 0; step < 1024; step += WORK_GROUP_SIZE_X) {
        const size_t i = start + step;
        if (i >= count) continue;
        const int token = places[i / D];
        const float value = LOAD1(x, (size_t)token * D + i % D);
        STORE1(state, i, value);
        if (depth[token] == 0) STORE1(y, (size_t)token * D + i % D, value);
    }
}

#include "../opencl/storage.cl"

// The tokens before the first layer; those that go through none are done.
JOULEMARK_STAGE {
    const size_t count = (size_t)T * D, start = get_group_id(0) * 1024 + get_local_id(0);
    for (size_t step = 0; step < 1024; step += WORK_GROUP_SIZE_X) {
        const size_t i = start + step;
        if (i >= count) continue;
        const float value = LOAD1(x, i);
        STORE1(state, i, value);
        if (depth[i / D] == 0) STORE1(y, i, value);
    }
}

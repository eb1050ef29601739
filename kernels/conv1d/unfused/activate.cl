#include "../../opencl/storage.cl"
#include "../../silu.cl"

JOULEMARK_STAGE {
    const int channel = get_group_id(0) * WORK_GROUP_SIZE_X + get_local_id(0);
    if (channel >= D) return;
    const size_t sequence = get_group_id(2) * (size_t)L * D + channel;
    const int first = (int)get_group_id(1) * STEPS;
    for (int step = first; step < min(first + STEPS, L); step++) {
        const float value = LOAD1(convolved, sequence + (size_t)step * D);
        STORE1(y, sequence + (size_t)step * D, silu(value));
    }
}

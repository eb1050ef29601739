#include "../../opencl/storage.cl"

__kernel __attribute__((reqd_work_group_size(WORK_GROUP_SIZE_X, 1, 1)))
void activate(__global const stored *restrict convolved, __global stored *restrict y, int B, int L, int D, int W) {
    const int channel = get_group_id(0) * WORK_GROUP_SIZE_X + get_local_id(0);
    if (channel >= D) return;
    const size_t sequence = get_group_id(2) * (size_t)L * D + channel;
    const int first = (int)get_group_id(1) * 16;
    for (int step = first; step < min(first + 16, L); step++) {
        const float value = LOAD1(convolved, sequence + (size_t)step * D);
        STORE1(y, sequence + (size_t)step * D, value / (1.0f + exp(-value)));
    }
}

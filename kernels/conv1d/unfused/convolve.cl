#include "../../opencl/storage.cl"

// A work-item is one channel over 16 steps of the sequence: neighbours read neighbouring channels, and what a step shares
// with the one before is still in the cache.
__kernel __attribute__((reqd_work_group_size(WORK_GROUP_SIZE_X, 1, 1)))
void convolve(__global const stored *restrict x, __global const stored *restrict w, __global const stored *restrict bias,
            __global stored *restrict convolved, int B, int L, int D, int W) {
    const int channel = get_group_id(0) * WORK_GROUP_SIZE_X + get_local_id(0);
    if (channel >= D) return;
    const int first = (int)get_group_id(1) * 16;
    const size_t sequence = get_group_id(2) * (size_t)L * D + channel;
    for (int step = first; step < min(first + 16, L); step++) {
        float sum = LOAD1(bias, channel);
        for (int tap = max(0, W - 1 - step); tap < W; tap++)
            sum += LOAD1(w, (size_t)channel * W + tap) * LOAD1(x, sequence + (size_t)(step - W + 1 + tap) * D);
        STORE1(convolved, sequence + (size_t)step * D, sum);
    }
}

#include "../../opencl/storage.cl"

__kernel __attribute__((reqd_work_group_size(WORK_GROUP_SIZE_X, 1, 1)))
void gate(__global const stored *restrict projected, __global const stored *restrict z, __global stored *restrict y, int B, int L, int D, int N) {
    const int channel = get_group_id(0) * WORK_GROUP_SIZE_X + get_local_id(0);
    if (channel >= D) return;
    const size_t place = (get_group_id(2) * (size_t)L + get_group_id(1)) * D + channel;
    STORE1(y, place, LOAD1(projected, place) * LOAD1(z, place) / (1.0f + exp(-LOAD1(z, place))));
}

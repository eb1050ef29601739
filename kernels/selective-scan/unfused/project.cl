#include "../../opencl/storage.cl"

__kernel __attribute__((reqd_work_group_size(WORK_GROUP_SIZE_X, 1, 1)))
void project(__global const float *restrict state, __global const stored *restrict Cm, __global const stored *restrict u, __global const stored *restrict Dv,
             __global stored *restrict projected, int B, int L, int D, int N) {
    const int channel = get_group_id(0) * WORK_GROUP_SIZE_X + get_local_id(0);
    if (channel >= D) return;
    const size_t step = get_group_id(2) * (size_t)L + get_group_id(1);
    float sum = LOAD1(Dv, channel) * LOAD1(u, step * D + channel);
#pragma unroll
    for (int n = 0; n < STATE_SIZE; n++) sum += LOAD1(Cm, step * STATE_SIZE + n) * state[(step * STATE_SIZE + n) * D + channel];
    STORE1(projected, step * D + channel, sum);
}

#include "../../opencl/storage.cl"

JOULEMARK_STAGE {
    const int channel = get_group_id(0) * WORK_GROUP_SIZE_X + get_local_id(0);
    if (channel >= D) return;
    const size_t step = get_group_id(2) * (size_t)L + get_group_id(1);
    float sum = LOAD1(Dv, channel) * LOAD1(u, step * D + channel);
#pragma unroll
    for (int n = 0; n < STATE_SIZE; n++)
        sum += LOAD1(Cm, step * STATE_SIZE + n) * state[(step * STATE_SIZE + n) * D + channel];
    STORE1(projected, step * D + channel, sum);
}

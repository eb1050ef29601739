#define ROWS 1
#include "../../opencl/tiles.cl"

__kernel __attribute__((reqd_work_group_size(64, 1, 1))) void clear(
    __global stored *restrict y, int T, int E, int topk, int K, int N)
{
    const size_t count = (size_t)T * K, start = get_group_id(0) * 1024 + get_local_id(0);
    for (size_t step = 0; step < 1024; step += 64)
        if (start + step < count) STORE1(y, start + step, 0.0f);
}

#include "../opencl/storage.cl"

/// Sum of one value a work-item, known to all of them afterwards. The work-group's size is a power of two.
float sum_of_work_group(float value, __local float *partial) {
    const int lane = get_local_id(0);
    partial[lane] = value;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int reach = WORK_GROUP_SIZE_X / 2; reach > 0; reach /= 2) {
        if (lane < reach) partial[lane] += partial[lane + reach];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    return partial[0];
}

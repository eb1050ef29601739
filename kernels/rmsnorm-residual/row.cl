#include "../opencl/storage.cl"

/// Sum of one value a work-item, known to all of them afterwards. The work-group's size is a power of two. With
/// SUBGROUPS those of a sub-group add up by themselves, and one barrier does for the rest.
float sum_of_work_group(float value, __local float *partial) {
#ifdef SUBGROUPS
    value = sub_group_reduce_add(value);
    if (get_num_sub_groups() == 1) return value;
    if (get_sub_group_local_id() == 0) partial[get_sub_group_id()] = value;
    barrier(CLK_LOCAL_MEM_FENCE);
    float sum = 0.0f;
    for (uint i = 0; i < get_num_sub_groups(); ++i) sum += partial[i];
    return sum;
#else
    const int lane = get_local_id(0);
    partial[lane] = value;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int reach = WORK_GROUP_SIZE_X / 2; reach > 0; reach /= 2) {
        if (lane < reach) partial[lane] += partial[lane + reach];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    return partial[0];
#endif
}

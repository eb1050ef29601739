#include "../../opencl/storage.cl"

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

__kernel __attribute__((reqd_work_group_size(WORK_GROUP_SIZE_X, 1, 1)))
void square_mean(__global const stored *restrict residual_out, __global float *restrict inverse_rms, int T, int D, float epsilon) {
    __local float partial[WORK_GROUP_SIZE_X];
    __global const stored *row = residual_out + get_group_id(0) * (size_t)D;
    float squares = 0.0f;
    for (int i = get_local_id(0); i < D; i += WORK_GROUP_SIZE_X) squares += LOAD1(row, i) * LOAD1(row, i);
    const float sum = sum_of_work_group(squares, partial);
    if (get_local_id(0) == 0) inverse_rms[get_group_id(0)] = 1.0f / sqrt(sum / D + epsilon);
}

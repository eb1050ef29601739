#include "../row.cl"

__kernel __attribute__((reqd_work_group_size(WORK_GROUP_SIZE_X, 1, 1)))
void square_mean(__global const stored *restrict residual_out, __global float *restrict inverse_rms, int T, int D, float epsilon) {
    __local float partial[WORK_GROUP_SIZE_X];
    __global const stored *row = residual_out + get_group_id(0) * (size_t)D;
    float squares = 0.0f;
    for (int i = get_local_id(0); i < D; i += WORK_GROUP_SIZE_X) squares += LOAD1(row, i) * LOAD1(row, i);
    const float sum = sum_of_work_group(squares, partial);
    if (get_local_id(0) == 0) inverse_rms[get_group_id(0)] = 1.0f / sqrt(sum / D + epsilon);
}

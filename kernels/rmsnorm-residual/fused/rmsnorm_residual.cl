#include "../row.cl"

__kernel __attribute__((reqd_work_group_size(WORK_GROUP_SIZE_X, 1, 1)))
void rmsnorm_residual(__global const stored *restrict x, __global const stored *restrict residual, __global const stored *restrict weight,
                      __global stored *restrict y, __global stored *restrict residual_out, int T, int D, float epsilon) {
    __local float partial[WORK_GROUP_SIZE_X];
    const size_t row = get_group_id(0) * (size_t)D;
    float squares = 0.0f;
    // The sum is written once and read back by the work-item that wrote it: from the cache, and without a barrier.
    for (int i = get_local_id(0); i < D; i += WORK_GROUP_SIZE_X) {
        const float sum = LOAD1(x, row + i) + LOAD1(residual, row + i);
        STORE1(residual_out, row + i, sum);
        squares += sum * sum;
    }
    const float factor = 1.0f / sqrt(sum_of_work_group(squares, partial) / D + epsilon);
    for (int i = get_local_id(0); i < D; i += WORK_GROUP_SIZE_X) STORE1(y, row + i, LOAD1(residual_out, row + i) * factor * LOAD1(weight, i));
}

#include "../../opencl/storage.cl"

__kernel __attribute__((reqd_work_group_size(WORK_GROUP_SIZE_X, 1, 1)))
void scale(__global const stored *restrict residual_out, __global const float *restrict inverse_rms,
           __global const stored *restrict weight, __global stored *restrict y, int T, int D) {
    const size_t row = get_group_id(0) * (size_t)D;
    const float factor = inverse_rms[get_group_id(0)];
    for (int i = get_local_id(0); i < D; i += WORK_GROUP_SIZE_X) STORE1(y, row + i, LOAD1(residual_out, row + i) * factor * LOAD1(weight, i));
}

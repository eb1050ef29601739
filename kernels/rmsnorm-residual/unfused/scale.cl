__kernel __attribute__((reqd_work_group_size(WORK_GROUP_SIZE_X, 1, 1)))
void scale(__global const float *restrict residual_out, __global const float *restrict inverse_rms,
           __global const float *restrict weight, __global float *restrict y, int T, int D) {
    const size_t row = get_group_id(0) * (size_t)D;
    const float factor = inverse_rms[get_group_id(0)];
    for (int i = get_local_id(0); i < D; i += WORK_GROUP_SIZE_X) y[row + i] = residual_out[row + i] * factor * weight[i];
}

__kernel __attribute__((reqd_work_group_size(WORK_GROUP_SIZE_X, 1, 1)))
void project(__global const float *restrict state, __global const float *restrict Cm, __global const float *restrict u, __global const float *restrict Dv,
             __global float *restrict projected, int B, int L, int D, int N) {
    const int channel = get_group_id(0) * WORK_GROUP_SIZE_X + get_local_id(0);
    if (channel >= D) return;
    const size_t step = get_group_id(2) * (size_t)L + get_group_id(1);
    float sum = Dv[channel] * u[step * D + channel];
    for (int n = 0; n < N; n++) sum += Cm[step * N + n] * state[(step * N + n) * D + channel];
    projected[step * D + channel] = sum;
}

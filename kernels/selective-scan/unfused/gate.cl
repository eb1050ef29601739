__kernel __attribute__((reqd_work_group_size(WORK_GROUP_SIZE_X, 1, 1)))
void gate(__global const float *restrict projected, __global const float *restrict z, __global float *restrict y, int B, int L, int D, int N) {
    const int channel = get_group_id(0) * WORK_GROUP_SIZE_X + get_local_id(0);
    if (channel >= D) return;
    const size_t place = (get_group_id(2) * (size_t)L + get_group_id(1)) * D + channel;
    y[place] = projected[place] * z[place] / (1.0f + exp(-z[place]));
}

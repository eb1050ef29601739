// The tensors lie as [B, L, N, D], so that neighbouring channels are neighbours in memory in every stage.
__kernel __attribute__((reqd_work_group_size(WORK_GROUP_SIZE_X, 1, 1)))
void discretize(__global const float *restrict u, __global const float *restrict delta, __global const float *restrict A, __global const float *restrict Bm,
                __global float *restrict decay, __global float *restrict state, int B, int L, int D, int N) {
    const int channel = get_group_id(0) * WORK_GROUP_SIZE_X + get_local_id(0);
    if (channel >= D) return;
    const size_t step = get_group_id(2) * (size_t)L + get_group_id(1);
    const float width = delta[step * D + channel];
    const float drive = width * u[step * D + channel];
    for (int n = 0; n < N; n++) {
        const size_t place = (step * N + n) * D + channel;
        decay[place] = exp(width * A[(size_t)channel * N + n]);
        state[place] = drive * Bm[step * N + n];
    }
}

// Pairs of floats: a source may also say its kernel and all of its arguments itself.
__kernel __attribute__((reqd_work_group_size(WORK_GROUP_SIZE_X, 1, 1))) void pairs(
    __global const float2 *restrict gate, __global const float2 *restrict up, __global float2 *restrict y, int T,
    int D) {
    const size_t i = get_global_id(0);
    if (2 * i < (size_t)T * D) y[i] = gate[i] / (1.0f + exp(-gate[i])) * up[i];
}

// y = 0.5 * x, 4096 elements a work-group, read and written 16 bytes a work-item side by side.
__kernel __attribute__((reqd_work_group_size(64, 1, 1))) void scale(
    __global const float4 *restrict x, __global float4 *restrict y, int N)
{
    const size_t start = get_group_id(0) * (size_t)1024 + get_local_id(0);
#pragma unroll 4
    for (int i = 0; i < 16; ++i) y[start + i * 64] = x[start + i * 64] * 0.5f;
}

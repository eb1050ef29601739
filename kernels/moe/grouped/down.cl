#include "../down_rows.cl"

__kernel __attribute__((DOWN_SIZE)) void down(
    __global const stored *restrict hidden, __global const stored *restrict w, __global const int *restrict offsets,
    __global const int *restrict slots, __global stored *restrict rows, int T, int E, int topk, int K, int N)
{
    DOWN_LOCAL
    const int expert = get_group_id(2);
    DOWN(expert)
}

#include "../down_rows.cl"

__kernel __attribute__((DOWN_SIZE)) void down(
    __global const stored *restrict hidden, __global const stored *restrict w, __global const int *restrict offsets,
    __global const int *restrict slots, __global stored *restrict rows, int T, int E, int topk, int K, int N, int turn)
{
    DOWN_LOCAL
    const int expert = active_expert(offsets, turn);
    DOWN(expert)
}

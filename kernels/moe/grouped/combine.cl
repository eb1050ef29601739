#include "../combine.cl"

__kernel __attribute__((reqd_work_group_size(64, 1, 1))) void combine(
    __global const stored *restrict rows, __global const stored *restrict weight, __global stored *restrict y, int T, int E,
    int topk, int K, int N)
{
    combine_token(rows, weight, y, topk, K);
}

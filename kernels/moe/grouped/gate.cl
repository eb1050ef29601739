#include "../project.cl"

__kernel __attribute__((PROJECT_SIZE)) void gate(
    __global const stored *restrict x, __global const stored *restrict w, __global const int *restrict offsets,
    __global const int *restrict slots, __global stored *restrict output, int T, int E, int topk, int K, int N)
{
    PROJECT_LOCAL
    PROJECT((int)get_group_id(2));
}

#include "../project.cl"

__kernel __attribute__((PROJECT_SIZE)) void up(
    __global const stored *restrict x, __global const stored *restrict w, __global const int *restrict offsets,
    __global const int *restrict slots, __global stored *restrict output, int T, int E, int topk, int K, int N, int turn)
{
    PROJECT_LOCAL
    const int expert = active_expert(offsets, turn);
    PROJECT(expert);
}

#include "../turn.cl"
#include "../activate.cl"

__kernel __attribute__((reqd_work_group_size(64, 1, 1))) void activate(
    __global const stored *restrict gate, __global const stored *restrict up, __global const int *restrict offsets,
    __global stored *restrict hidden, int T, int E, int topk, int K, int N, int turn)
{
    const int expert = active_expert(offsets, turn);
    activate_run(gate, up, hidden, (size_t)offsets[expert] * N, (size_t)offsets[expert + 1] * N);
}

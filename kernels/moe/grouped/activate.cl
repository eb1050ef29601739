#include "../activate.cl"

__kernel __attribute__((reqd_work_group_size(64, 1, 1))) void activate(
    __global const stored *restrict gate, __global const stored *restrict up, __global stored *restrict hidden, int T,
    int E, int topk, int K, int N)
{
    activate_run(gate, up, hidden, 0, (size_t)T * topk * N);
}

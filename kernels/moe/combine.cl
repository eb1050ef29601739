// y = Σ weight · rows over a token's slots, which lie next to each other: four columns a work-item.
#define ROWS 1
#include "../opencl/products.cl"

INLINED void combine_token(
    __global const stored *rows, __global const stored *weight, __global stored *y, int topk, int K) {
    const int token = get_group_id(0), column = (get_group_id(1) * 64 + get_local_id(0)) * 4;
    if (column >= K) return;
    float4 sum = (float4)(0.0f);
    for (int choice = 0; choice < topk; ++choice) {
        const size_t slot = (size_t)token * topk + choice;
        sum = mad((float4)(LOAD1(weight, slot)), load4_below(rows + slot * K + column, K - column), sum);
    }
    store4_below(y + (size_t)token * K + column, sum, K - column);
}

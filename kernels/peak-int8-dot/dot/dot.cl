// A work-item has 64 words: as many independent chains cover any latency. The instruction is NVIDIA's dp4a, or what
// others have for the language's function.
#include "../../opencl/dot4.cl"

#define WORDS 64

JOULEMARK_STAGE {
    const size_t first = get_group_id(0) * (size_t)GROUP_ELEMENTS + get_local_id(0);
    int values[WORDS];
#pragma unroll
    for (int i = 0; i < WORDS; ++i) values[i] = x[first + 64 * i];
    for (int r = 0; r < R; ++r) {
#pragma unroll
        for (int i = 0; i < WORDS; ++i) values[i] = dot4((uint)values[i], 0xFFu, C);
    }
#pragma unroll
    for (int i = 0; i < WORDS; ++i) y[first + 64 * i] = values[i];
}

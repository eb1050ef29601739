// y = x * factor + addend, R times; as literals in the source, compilers choose other instructions for them. A
// work-item has 64 elements: 8 vectors of 8 cover two multiply-add units of 4 cycles on a processor, and 64 independent
// chains cover any GPU's latency.
#define VECTORS 8

// `fma` itself is a function of OpenCL C.
JOULEMARK_STAGE {
    const size_t first = get_group_id(0) * (size_t)(64 * VECTORS) + get_local_id(0);
    float8 values[VECTORS];
#pragma unroll
    for (int i = 0; i < VECTORS; ++i) values[i] = vload8(first + 64 * i, x);
    for (int r = 0; r < R; ++r) {
#pragma unroll
        for (int i = 0; i < VECTORS; ++i) values[i] = fma(values[i], (float8)(factor), (float8)(addend));
    }
#pragma unroll
    for (int i = 0; i < VECTORS; ++i) vstore8(values[i], first + 64 * i, y);
}

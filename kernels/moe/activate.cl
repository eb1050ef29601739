// hidden = silu(gate) · up over a run of rows, 1024 elements a work-group: neighbours read neighbours, nothing is read
// twice.
#define ROWS 1
#include "../opencl/tiles.cl"
#include "../silu.cl"

INLINED void activate_run(
    __global const stored *gate, __global const stored *up, __global stored *hidden, size_t first, size_t end) {
    const size_t start = first + get_group_id(0) * 1024 + get_local_id(0);
    for (size_t step = 0; step < 1024; step += 64) {
        const size_t i = start + step;
        if (i >= end) return;
        STORE1(hidden, i, silu(LOAD1(gate, i)) * LOAD1(up, i));
    }
}

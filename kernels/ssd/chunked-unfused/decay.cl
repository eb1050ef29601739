// The sums of dt * A up to each step of a chunk; a work-group is a chunk of a head.
#include "../../opencl/storage.cl"
#include "../decays.cl"

JOULEMARK_STAGE {
    __local float2 sums[CHUNK];
    __local float2 totals[128];
    const int head = get_group_id(0), first = get_group_id(1) * CHUNK, batch = get_group_id(2), item = get_local_id(0);
    const int steps = min(CHUNK, L - first);
    sum_decays(dt + ((size_t)batch * L + first) * H + head, H, LOAD1(A, head) * LOG2_E, steps, item, sums, totals);
    decays += ((size_t)batch * H + head) * 2 * L + first;
    for (int i = item; i < steps; i += 64) {
        decays[i] = sums[i].x;
        decays[L + i] = sums[i].y;
    }
}

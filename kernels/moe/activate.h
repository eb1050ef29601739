// hidden = silu(gate) · up over a run of rows, a work-group's ACTIVATE_COUNT elements of it: 64 KiB a tensor in f32, so
// that a thread's share stays in its second-level cache. Include after joulemark_kernel.h.
#include "../silu.h"

#define moe_activate JM(moe_activate)

JM_INLINE void moe_activate(const joulemark_call *call, size_t first, size_t end, uint32_t index) {
    const jm_stored *gate = jm_tensors_of(call)->gate, *up = jm_tensors_of(call)->up;
    jm_stored *hidden = jm_tensors_of(call)->hidden;
    const size_t start = first + (size_t)index * ACTIVATE_COUNT;
    if (end > start + ACTIVATE_COUNT) end = start + ACTIVATE_COUNT;
    size_t i = start;
    for (; i + JM_LANES <= end; i += JM_LANES) jm_write(hidden + i, jm_silu(jm_read(gate + i)) * jm_read(up + i));
    const int rest = i < end ? (int)(end - i) : 0;
    if (rest > 0) jm_write_some(hidden + i, jm_silu(jm_read_some(gate + i, rest)) * jm_read_some(up + i, rest), rest);
}

#include "../../opencl/storage.cl"
#include "../../silu.cl"

// One element a work-item and step: neighbours read neighbours, and nothing is read twice.
JOULEMARK_STAGE {
    const size_t count = (size_t)T * (size_t)D;
    const size_t start = get_group_id(0) * 1024 + get_local_id(0);
    for (size_t step = 0; step < 1024; step += WORK_GROUP_SIZE_X) {
        const size_t i = start + step;
        if (i < count) STORE1(y, i, silu(LOAD1(gate, i)) * LOAD1(up, i));
    }
}

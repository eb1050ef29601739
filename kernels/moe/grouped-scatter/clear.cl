#define ROWS 1
#include "../../opencl/tiles.cl"

JOULEMARK_STAGE {
    const size_t count = (size_t)T * K, start = get_group_id(0) * 1024 + get_local_id(0);
    for (size_t step = 0; step < 1024; step += 64)
        if (start + step < count) STORE1(y, start + step, 0.0f);
}

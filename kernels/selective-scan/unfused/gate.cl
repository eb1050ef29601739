#include "../../opencl/storage.cl"
#include "../../silu.cl"

JOULEMARK_STAGE {
    const int channel = get_group_id(0) * WORK_GROUP_SIZE_X + get_local_id(0);
    if (channel >= D) return;
    const size_t place = (get_group_id(2) * (size_t)L + get_group_id(1)) * D + channel;
    STORE1(y, place, LOAD1(projected, place) * silu(LOAD1(z, place)));
}

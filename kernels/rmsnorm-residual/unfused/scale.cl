#include "../../opencl/storage.cl"

JOULEMARK_STAGE {
    const size_t row = get_group_id(0) * (size_t)D;
    const float factor = inverse_rms[get_group_id(0)];
    for (int i = get_local_id(0); i < D; i += WORK_GROUP_SIZE_X)
        STORE1(y, row + i, LOAD1(residual_out, row + i) * factor * LOAD1(weight, i));
}

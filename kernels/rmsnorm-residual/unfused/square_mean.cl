#include "../row.cl"

JOULEMARK_STAGE {
    __local float partial[WORK_GROUP_SIZE_X];
    __global const stored *row = residual_out + get_group_id(0) * (size_t)D;
    float squares = 0.0f;
    for (int i = get_local_id(0); i < D; i += WORK_GROUP_SIZE_X) squares += LOAD1(row, i) * LOAD1(row, i);
    const float sum = sum_of_work_group(squares, partial);
    if (get_local_id(0) == 0) inverse_rms[get_group_id(0)] = 1.0f / sqrt(sum / D + epsilon);
}

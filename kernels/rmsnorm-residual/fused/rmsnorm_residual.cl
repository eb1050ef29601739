#include "../row.cl"

JOULEMARK_STAGE {
    __local float partial[WORK_GROUP_SIZE_X];
    const size_t row = get_group_id(0) * (size_t)D;
    float squares = 0.0f;
    // The sum is written once and read back by the work-item that wrote it: from the cache, and without a barrier.
    for (int i = get_local_id(0); i < D; i += WORK_GROUP_SIZE_X) {
        const float sum = LOAD1(x, row + i) + LOAD1(residual, row + i);
        STORE1(residual_out, row + i, sum);
        squares += sum * sum;
    }
    const float factor = 1.0f / sqrt(sum_of_work_group(squares, partial) / D + epsilon);
    for (int i = get_local_id(0); i < D; i += WORK_GROUP_SIZE_X)
        STORE1(y, row + i, LOAD1(residual_out, row + i) * factor * LOAD1(weight, i));
}

#include "../../opencl/storage.cl"

// One element a work-item and step: neighbours read neighbours of a row.
JOULEMARK_STAGE {
    const size_t count = (size_t)A * B * C * D;
    const size_t start = get_group_id(0) * 1024 + get_local_id(0);
    for (size_t step = 0; step < 1024; step += WORK_GROUP_SIZE_X) {
        const size_t i = start + step;
        if (i >= count) continue;
        const size_t row = i / D, a = row / ((size_t)B * C), b = row / C % B, c = row % C;
        const size_t place = first + a * strideA + b * strideB + c * strideC + i % D;
        STORE1(y, i, LOAD1(x, place));
    }
}

#include "strided-copy/rows/copy.bindings.h"

// A work-group is some 16384 elements in whole rows, which are moved as they are stored.
JOULEMARK_STAGE(0) {
    const jm_stored *from = jm_tensors_of(call)->x;
    jm_stored *to = jm_tensors_of(call)->y;
    const int64_t B = jm_arguments_of(call)->B, C = jm_arguments_of(call)->C, D = jm_arguments_of(call)->D;
    const int64_t rows = jm_arguments_of(call)->A * B * C, groupRows = jm_constants_of(call)->GROUP_ROWS;
    const int64_t begin = x * groupRows, end = begin + groupRows < rows ? begin + groupRows : rows;
    for (int64_t row = begin; row < end; row++) {
        const int64_t a = row / (B * C), b = row / C % B, c = row % C;
        const int64_t place = jm_arguments_of(call)->first + a * jm_arguments_of(call)->strideA
            + b * jm_arguments_of(call)->strideB + c * jm_arguments_of(call)->strideC;
        __builtin_memcpy(to + row * D, from + place, (size_t)D * sizeof(jm_stored));
    }
}

#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "../columns.h"
#include "../csr.h"
#include "path.h"

// The merge path runs through rows + nnz steps; a partition is ITEMS of them. A thread takes a run of partitions as one,
// some eight shares a thread, and carries only the row that its run ends in.
JOULEMARK_STAGE("spmm", "merge-path", "merge_path", JM_STORAGE, 7, 7, CSR_SCRATCH_BYTES(spmm_shape_of(call))) {
    const spmm_shape shape = spmm_shape_of(call);
    const int32_t *offsets = call->buffers[0];
    const int partitions = call->arguments[6].integer;
    const int64_t steps = (int64_t)shape.rows + offsets[shape.rows], items = merge_items(call);
    const int firstPart = (int)((int64_t)partitions * x / call->workGroups[0]);
    const int endPart = (int)((int64_t)partitions * (x + 1) / call->workGroups[0]);
    if (firstPart == endPart) return;
    const int64_t startStep = firstPart * items, endStep = endPart * items < steps ? endPart * items : steps;
    const int first = merge_row(offsets, shape.rows, startStep), last = merge_row(offsets, shape.rows, endStep);

    int32_t *carryRows = call->buffers[5];
    float *carry = (float *)call->buffers[6] + (ptrdiff_t)(endPart - 1) * shape.columns;
    if (y == 0) {
        for (int part = firstPart; part < endPart; part++) carryRows[part] = part == endPart - 1 ? last : shape.rows;
    }
    const csr_rows rows = {
        .offsets = offsets, .indices = call->buffers[1], .values = call->buffers[2], .first = first,
        .count = last - first + (last < shape.rows), .start = (int)(startStep - first), .end = (int)(endStep - last),
        .c = (jm_stored *)call->buffers[4] + (ptrdiff_t)first * shape.columns, .carry = last < shape.rows ? carry : NULL};
    csr_product(&rows, &shape, call->buffers[3], (int)y, scratch);
}

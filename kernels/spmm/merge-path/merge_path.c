#include "spmm/merge-path/merge_path.bindings.h"
#include "../columns.h"
#include "../csr.h"
#include "path.h"

// The merge path runs through rows + nnz steps; a partition is ITEMS of them. A thread takes a run of partitions as
// one, some eight shares a thread, and carries only the row that its run ends in.
JOULEMARK_STAGE(CSR_SCRATCH_BYTES(spmm_shape_of(call))) {
    const spmm_shape shape = spmm_shape_of(call);
    const int32_t *offsets = jm_tensors_of(call)->a_indptr;
    const int partitions = jm_arguments_of(call)->partitions;
    const int64_t steps = (int64_t)shape.rows + offsets[shape.rows], items = jm_constants_of(call)->ITEMS;
    const int firstPart = (int)((int64_t)partitions * x / call->workGroups[0]);
    const int endPart = (int)((int64_t)partitions * (x + 1) / call->workGroups[0]);
    if (firstPart == endPart) return;
    const int64_t startStep = firstPart * items, endStep = endPart * items < steps ? endPart * items : steps;
    const int first = merge_row(offsets, shape.rows, startStep), last = merge_row(offsets, shape.rows, endStep);

    int32_t *carryRows = jm_tensors_of(call)->carry_rows;
    float *carry = jm_tensors_of(call)->carry_values + (ptrdiff_t)(endPart - 1) * shape.columns;
    if (y == 0) {
        for (int part = firstPart; part < endPart; part++) carryRows[part] = part == endPart - 1 ? last : shape.rows;
    }
    const csr_rows rows = {
        .offsets = offsets,
        .indices = jm_tensors_of(call)->a_indices,
        .values = jm_tensors_of(call)->a_data,
        .first = first,
        .count = last - first + (last < shape.rows),
        .start = (int)(startStep - first),
        .end = (int)(endStep - last),
        .c = jm_tensors_of(call)->c + (ptrdiff_t)first * shape.columns,
        .carry = last < shape.rows ? carry : NULL};
    csr_product(&rows, &shape, jm_tensors_of(call)->b, (int)y, scratch);
}

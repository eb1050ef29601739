#include "spmm/csr-row/csr_row.bindings.h"
#include "../columns.h"
#include "../csr.h"

// Work-groups have about the same number of rows and stored elements together, so that no thread waits long for another
// whatever the rows' lengths: only a row that is longer than a share cannot be split (merge-path does).
#define first_row JM(first_row)

/// The first row r with r + offsets[r] ≥ share.
static int first_row(const int32_t *offsets, int rows, int64_t share) {
    int low = 0, high = rows;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if ((int64_t)middle + offsets[middle] < share) low = middle + 1;
        else high = middle;
    }
    return low;
}

JOULEMARK_STAGE(CSR_SCRATCH_BYTES(spmm_shape_of(call))) {
    const spmm_shape shape = spmm_shape_of(call);
    const int32_t *offsets = jm_tensors_of(call)->a_indptr;
    const int64_t total = (int64_t)shape.rows + offsets[shape.rows];
    const int first = first_row(offsets, shape.rows, total * (int64_t)x / (int64_t)call->workGroups[0]);
    const int end = x + 1 == call->workGroups[0]
        ? shape.rows
        : first_row(offsets, shape.rows, total * ((int64_t)x + 1) / (int64_t)call->workGroups[0]);
    const csr_rows rows = {
        .offsets = offsets,
        .indices = jm_tensors_of(call)->a_indices,
        .values = jm_tensors_of(call)->a_data,
        .first = first,
        .count = end - first,
        .start = offsets[first],
        .end = offsets[end],
        .c = jm_tensors_of(call)->c + (ptrdiff_t)first * shape.columns};
    csr_product(&rows, &shape, jm_tensors_of(call)->b, (int)y, scratch);
}

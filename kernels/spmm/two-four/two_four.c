#include "spmm/two-four/two_four.bindings.h"
#include "../columns.h"

// Half of the multiply-adds of the dense product, but each reads b for itself: two bits choose among four rows of the
// panel. A panel of 96 rows by 64 columns (24 KiB) stays in the first-level cache, which feeds two multiply-adds a
// cycle; rows have equally many elements in it, so that no branch depends on the data.
#define STRIP 64
#define VECTORS 8
#undef DEPTH
#if !defined(JM_STORES_F32)
#define DEPTH(shape) ((shape).depth)
#else
#define DEPTH(shape) 96  // a multiple of the 32 columns that a word of places describes
#endif

#define two_four_sums JM(two_four_sums)
#define two_four_times_panel JM(two_four_times_panel)
#define two_four_dot JM(two_four_dot)

/// Adds `count` elements, whose places begin with a whole word, to the sums of a row.
JM_INLINE void two_four_sums(
    const int vectors, const jm_stored *values, const int32_t *words, int count, const float *panel, jm_vec sums[]) {
    const int width = vectors * JM_LANES;
    for (int word = 0; word * 16 < count; word++, values += 16, panel += 32 * width) {
        const int inWord = spmm_smaller(16, count - word * 16);
        uint32_t places = (uint32_t)words[word];
        const float *group = panel;
        for (int i = 0; i < inWord; i += 2, places >>= 4, group += 4 * width) {
            const float *first = group + (places & 3) * (uint32_t)width;
            const float *second = group + (places >> 2 & 3) * (uint32_t)width;
            const jm_vec left = jm_splat(jm_read_one(values + i)), right = jm_splat(jm_read_one(values + i + 1));
            JM_UNROLL for (int v = 0; v < vectors; v++) sums[v] += left * jm_load(first + v * JM_LANES);
            JM_UNROLL for (int v = 0; v < vectors; v++) sums[v] += right * jm_load(second + v * JM_LANES);
        }
    }
}

/// Rows `first` … `end` of a, columns `start` … `start + depth`, times a panel, `width` of whose columns are real.
JM_INLINE void two_four_times_panel(
    const int vectors, const joulemark_call *call, const spmm_shape *shape, int first, int end, int start, int depth,
    const float *panel, int column, int width) {
    const int half = shape->depth / 2, words = (half + 15) / 16;
    if (vectors > 1) width = vectors * JM_LANES;  // as spmm_vectors has it, but here the compiler knows
    for (int row = first; row < end; row++) {
        const jm_stored *values = jm_tensors_of(call)->a_two_four_data + (ptrdiff_t)row * half + start / 2;
        const int32_t *places = jm_tensors_of(call)->a_two_four_indices + (ptrdiff_t)row * words + start / 32;
        jm_stored *to = jm_tensors_of(call)->c + (ptrdiff_t)row * shape->columns + column;
        jm_vec sums[VECTORS];
        JM_UNROLL for (int v = 0; v < vectors; v++)
            sums[v] = start == 0 ? (jm_vec){0} : jm_read_some(to + v * JM_LANES, width - v * JM_LANES);
        two_four_sums(vectors, values, places, depth / 2, panel, sums);
        JM_UNROLL for (int v = 0; v < vectors; v++) jm_write_some(to + v * JM_LANES, sums[v], width - v * JM_LANES);
    }
}

/// A row times a vector.
JM_INLINE float two_four_dot(const jm_stored *values, const int32_t *words, int count, const jm_stored *b) {
    float sums[4] = {0};
    for (int word = 0; word * 16 < count; word++, values += 16, b += 32) {
        const int inWord = spmm_smaller(16, count - word * 16);
        const uint32_t places = (uint32_t)words[word];
        if (inWord == 16) {
            JM_UNROLL for (int i = 0; i < 16; i++)
                sums[i % 4] += jm_read_one(values + i) * jm_read_one(b + i / 2 * 4 + (places >> (2 * i) & 3));
        } else {
            for (int i = 0; i < inWord; i++)
                sums[0] += jm_read_one(values + i) * jm_read_one(b + i / 2 * 4 + (places >> (2 * i) & 3));
        }
    }
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

JOULEMARK_STAGE(4 * STRIP * (size_t)DEPTH(spmm_shape_of(call))) {
    const spmm_shape shape = spmm_shape_of(call);
    const int first = (int)((int64_t)shape.rows * x / call->workGroups[0]);
    const int end = (int)((int64_t)shape.rows * (x + 1) / call->workGroups[0]);
    const jm_stored *b = jm_tensors_of(call)->b;
    if (shape.columns == 1) {
        const int half = shape.depth / 2, words = (half + 15) / 16;
        for (int row = first; row < end; row++)
            jm_write_one(
                jm_tensors_of(call)->c + row,
                two_four_dot(
                    jm_tensors_of(call)->a_two_four_data + (ptrdiff_t)row * half,
                    jm_tensors_of(call)->a_two_four_indices + (ptrdiff_t)row * words, half, b));
        return;
    }
    const int endColumn = spmm_smaller(((int)y + 1) * STRIP, shape.columns);
    for (int column = (int)y * STRIP; column < endColumn;) {
        const int vectors = spmm_vectors(endColumn - column, VECTORS), width = vectors * JM_LANES;
        const int real = spmm_smaller(width, endColumn - column);
        for (int start = 0; start < shape.depth; start += DEPTH(shape)) {
            const int depth = spmm_smaller(DEPTH(shape), shape.depth - start);
            const float *panel = spmm_panel(b, &shape, start, depth, column, width, scratch);
            if (vectors == 8) two_four_times_panel(8, call, &shape, first, end, start, depth, panel, column, real);
            else if (vectors == 4) two_four_times_panel(4, call, &shape, first, end, start, depth, panel, column, real);
            else if (vectors == 2) two_four_times_panel(2, call, &shape, first, end, start, depth, panel, column, real);
            else two_four_times_panel(1, call, &shape, first, end, start, depth, panel, column, real);
        }
        column += real;
    }
}

// What the CPU stages of spmm share. Include after joulemark_kernel.h.
//
// c is computed in strips of columns. A strip's part of b is copied into a panel, where the rows of b lie side by side:
// with 256 columns the same part of b itself has a stride of 1 KiB, which reaches one in sixteen sets of a cache only,
// and as little of its capacity. A strip that has all columns of b is used where it lies, unless its elements are
// halves: panels hold floats. Sums that go through c between two panels would be rounded there; with halves a panel has
// all rows of b.

#define spmm_shape JM(spmm_shape)
#define spmm_shape_of JM(spmm_shape_of)
#define spmm_pack JM(spmm_pack)
#define spmm_panel JM(spmm_panel)
#define spmm_smaller JM(spmm_smaller)
#define spmm_vectors JM(spmm_vectors)

/// Parameters of spmm that kernels need.
typedef struct spmm_shape {
    int rows, depth, columns, block;
} spmm_shape;

JM_INLINE spmm_shape spmm_shape_of(const joulemark_call *call) {
    const jm_arguments *values = jm_arguments_of(call);
    return (spmm_shape){.rows = values->M, .depth = values->K, .columns = values->N, .block = values->block};
}

JM_INLINE int spmm_smaller(int a, int b) { return a < b ? a : b; }

/// How many vectors of columns go together where `columns` are left: `most` or a smaller power of two; a rest that
/// fills no vector takes one.
JM_INLINE int spmm_vectors(int columns, int most) {
    int vectors = most;
    while (vectors > 1 && vectors * JM_LANES > columns) vectors /= 2;
    return vectors;
}

/// Copies `rows` rows of `columns` elements into a panel whose rows have `width` elements, the last of which are 0.
static void __attribute__((unused))
spmm_pack(const jm_stored *from, ptrdiff_t stride, int rows, int columns, int width, float *panel) {
    for (int row = 0; row < rows; row++, from += stride, panel += width) {
        for (int i = 0; i < width; i += JM_LANES) jm_store(panel + i, jm_read_some(from + i, columns - i));
    }
}

/// `rows` rows of b from row `first`, in columns `column` … `column + width`, with a stride of `width`: where they lie,
/// or else as a copy in `room`.
JM_INLINE const float *spmm_panel(
    const jm_stored *b, const spmm_shape *shape, int first, int rows, int column, int width, float *room) {
    const jm_stored *from = b + (ptrdiff_t)first * shape->columns + column;
#if defined(JM_STORES_F32)
    if (shape->columns == width) return from;
#endif
    spmm_pack(from, shape->columns, rows, spmm_smaller(width, shape->columns - column), width, room);
    return room;
}

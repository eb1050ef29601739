// Rows in compressed form times strips of columns, for csr-row and merge-path. Include after columns.h.
//
// A strip is CSR_STRIP columns, whose sums stay in registers over a row: 8 vectors with AVX2, half of its registers. A
// stored element then costs an index, a value and 8 multiply-adds that read b from the panel. Rows are done panel by
// panel; a cursor for each row remembers how far it has come.
//
// A panel of 96 rows (24 KiB) lies in the first-level cache, which feeds two multiply-adds a cycle, the second level
// about one. But where a row's part ends is a branch that nobody can predict: with ten elements a part it costs as much
// as they do. From 16 elements on, small panels win (50 % stored: 26 ms, with 256 rows 36 ms), below that larger ones
// (10 %: 8.4 ms and 6.5 ms, with 768 rows 7.2 ms).
#define CSR_STRIP 64
#define CSR_VECTORS 8
#define CSR_SMALL_PANEL 96
#define CSR_LARGE_PANEL 256

#define csr_rows JM(csr_rows)
#define csr_row_sums JM(csr_row_sums)
#define csr_times_panel JM(csr_times_panel)
#define csr_times_strip JM(csr_times_strip)
#define csr_dot JM(csr_dot)
#define csr_times_vector JM(csr_times_vector)
#define csr_product JM(csr_product)

/// Consecutive rows of a, or of a part of it that begins and ends within a row.
typedef struct csr_rows {
    const int32_t *offsets, *indices;
    const jm_stored *values;
    int first, count;
    /// The first stored element, which may lie inside the first row, and one past the last.
    int start, end;
    /// Row `first` of c, and where the last of the rows goes instead if it is not complete, or NULL.
    jm_stored *c;
    float *carry;
} csr_rows;

/// Adds the elements from `place` on whose column is below `endColumn`; gives the place of the next.
JM_INLINE int csr_row_sums(
    const int vectors, const int32_t *indices, const jm_stored *values, int place, int end, int firstColumn,
    int endColumn, const float *panel, jm_vec sums[]) {
    // Elements at a time, each with sums of its own: a chain of multiply-adds takes four cycles a link.
    const int chains = JM_REGISTERS / 2 / vectors > 4 ? 4 : JM_REGISTERS / 2 / vectors;
    if (chains > 1) {
        jm_vec others[CSR_VECTORS * 4];
        JM_UNROLL for (int i = 0; i < (chains - 1) * vectors; i++) others[i] = (jm_vec){0};
        for (; place + chains <= end && indices[place + chains - 1] < endColumn; place += chains) {
            JM_UNROLL for (int chain = 0; chain < chains; chain++) {
                const float *row = panel + (ptrdiff_t)(indices[place + chain] - firstColumn) * (vectors * JM_LANES);
                const jm_vec value = jm_splat(jm_read_one(values + place + chain));
                JM_UNROLL for (int v = 0; v < vectors; v++) {
                    if (chain == 0) sums[v] += value * jm_load(row + v * JM_LANES);
                    else others[(chain - 1) * vectors + v] += value * jm_load(row + v * JM_LANES);
                }
            }
        }
        JM_UNROLL for (int i = 0; i < (chains - 1) * vectors; i++) sums[i % vectors] += others[i];
    }
    for (; place < end && indices[place] < endColumn; place++) {
        const float *row = panel + (ptrdiff_t)(indices[place] - firstColumn) * (vectors * JM_LANES);
        const jm_vec value = jm_splat(jm_read_one(values + place));
        JM_UNROLL for (int v = 0; v < vectors; v++) sums[v] += value * jm_load(row + v * JM_LANES);
    }
    return place;
}

/// The rows' elements in columns `firstColumn` … `endColumn` times a panel of `vectors` vectors, `width` columns of
/// which are real, stored (`isFirst`) or added.
JM_INLINE void csr_times_panel(
    const int vectors, const csr_rows *rows, int firstColumn, int endColumn, int isFirst, const float *panel,
    int column, int width, int stride, int32_t *cursors) {
    if (vectors > 1) width = vectors * JM_LANES;  // as spmm_vectors has it, but here the compiler knows
    for (int i = 0; i < rows->count; i++) {
        const int rowEnd = spmm_smaller(rows->offsets[rows->first + i + 1], rows->end);
        float *carry = rows->carry && i == rows->count - 1 ? rows->carry + column : NULL;
        jm_stored *to = rows->c + (ptrdiff_t)i * stride + column;
        int place = i == 0 ? rows->start : rows->offsets[rows->first + i];
        if (!isFirst) place = cursors[i];
        jm_vec sums[CSR_VECTORS];
        JM_UNROLL for (int v = 0; v < vectors; v++) sums[v] = (jm_vec){0};
#if defined(JM_STORES_F32)
        if (carry) to = carry;
#else
        if (carry) {
            csr_row_sums(vectors, rows->indices, rows->values, place, rowEnd, firstColumn, endColumn, panel, sums);
            for (int v = 0; v < vectors; v++) {
                for (int lane = 0; lane < JM_LANES && v * JM_LANES + lane < width; lane++)
                    carry[v * JM_LANES + lane] = sums[v][lane];
            }
            continue;
        }
#endif
        cursors[i] = csr_row_sums(
            vectors, rows->indices, rows->values, place, rowEnd, firstColumn, endColumn, panel, sums);
#if defined(JM_STORES_F32)
        // A panel has sums of its own: added up one after the other, all of a long row would round more than dense
        // does.
        if (!isFirst) {
            JM_UNROLL for (int v = 0; v < vectors; v++)
                sums[v] += jm_read_some(to + v * JM_LANES, width - v * JM_LANES);
        }
#endif
        JM_UNROLL for (int v = 0; v < vectors; v++) jm_write_some(to + v * JM_LANES, sums[v], width - v * JM_LANES);
    }
}

/// The rows times `width` columns of b from `column` on, at most CSR_STRIP of them.
static void csr_times_strip(
    const csr_rows *rows, const spmm_shape *shape, const jm_stored *b, int column, int width, float *room,
    int32_t *cursors) {
#if !defined(JM_STORES_F32)
    const int depth = shape->depth;
#else
    const int64_t elements = (int64_t)(rows->end - rows->start) * CSR_SMALL_PANEL;
    const int depth = elements >= 16 * (int64_t)shape->depth * rows->count ? CSR_SMALL_PANEL : CSR_LARGE_PANEL;
#endif
    while (width > 0) {
        const int vectors = spmm_vectors(width, CSR_VECTORS), real = spmm_smaller(width, vectors * JM_LANES);
        for (int first = 0; first < shape->depth; first += depth) {
            const int end = spmm_smaller(first + depth, shape->depth);
            const float *panel = spmm_panel(b, shape, first, end - first, column, vectors * JM_LANES, room);
            const int stride = shape->columns;
            if (vectors == 8) csr_times_panel(8, rows, first, end, first == 0, panel, column, real, stride, cursors);
            else if (vectors == 4)
                csr_times_panel(4, rows, first, end, first == 0, panel, column, real, stride, cursors);
            else if (vectors == 2)
                csr_times_panel(2, rows, first, end, first == 0, panel, column, real, stride, cursors);
            else csr_times_panel(1, rows, first, end, first == 0, panel, column, real, stride, cursors);
        }
        column += real;
        width -= real;
    }
}

/// One column: four sums, so that a cycle's two multiply-adds need not wait for the last.
JM_INLINE float csr_dot(const int32_t *indices, const jm_stored *values, int place, int end, const jm_stored *b) {
    float sums[4] = {0};
    for (; place + 4 <= end; place += 4) {
        JM_UNROLL for (int i = 0; i < 4; i++)
            sums[i] += jm_read_one(values + place + i) * jm_read_one(b + indices[place + i]);
    }
    for (; place < end; place++) sums[0] += jm_read_one(values + place) * jm_read_one(b + indices[place]);
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

static void csr_times_vector(const csr_rows *rows, const jm_stored *b) {
    for (int i = 0; i < rows->count; i++) {
        const int rowEnd = spmm_smaller(rows->offsets[rows->first + i + 1], rows->end);
        const int place = i == 0 ? rows->start : rows->offsets[rows->first + i];
        const float sum = csr_dot(rows->indices, rows->values, place, rowEnd, b);
        if (rows->carry && i == rows->count - 1) *rows->carry = sum;
        else jm_write_one(rows->c + i, sum);
    }
}

// The panel, then the cursors.
#undef CSR_PANEL_FLOATS
#if !defined(JM_STORES_F32)
#define CSR_PANEL_FLOATS(depth) ((size_t)(depth)*CSR_STRIP)
#else
#define CSR_PANEL_FLOATS(depth) ((size_t)CSR_LARGE_PANEL * CSR_STRIP)
#endif
#define CSR_SCRATCH_BYTES(shape) (4 * (CSR_PANEL_FLOATS((shape).depth) + (size_t)(shape).rows + 1))

/// The rows times strip `strip` of b. `scratch` has CSR_SCRATCH_BYTES.
static void csr_product(const csr_rows *rows, const spmm_shape *shape, const jm_stored *b, int strip, void *scratch) {
    const int column = strip * CSR_STRIP;
    float *room = scratch;
    if (rows->count == 0) return;
    if (shape->columns == 1) csr_times_vector(rows, b);
    else
        csr_times_strip(
            rows, shape, b, column, spmm_smaller(CSR_STRIP, shape->columns - column), room,
            (int32_t *)(room + CSR_PANEL_FLOATS(shape->depth)));
}

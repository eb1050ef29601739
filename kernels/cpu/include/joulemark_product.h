// Products of matrices of any size, out of the tiles of joulemark_tile.h. Include after joulemark_tile.h.
//
// Both operands are packed, JM_DEPTH steps at a time, into the order in which a tile reads them (Goto and van de Geijn 2008,
// Anatomy of high-performance matrix multiplication): the right one in panels of JM_TILE_LANES columns, of which one (24 KiB
// with AVX2) stays in L1 while all rows go by; the left one in groups of JM_TILE_ROWS rows, which all together
// (JM_BLOCK_ROWS rows, 128 KiB) stay in L2 while all panels go by. Rows of the left operand may lie anywhere: a mixture of
// experts gathers them.

#define JM_DEPTH 256
#define JM_BLOCK_ROWS 128

#define jm_column_group JM(jm_column_group)
#define jm_column_group_of JM(jm_column_group_of)
#define jm_quad JM(jm_quad)
#define jm_transpose_quads JM(jm_transpose_quads)
#define jm_pack_rows JM(jm_pack_rows)
#define jm_pack_columns JM(jm_pack_columns)
#define jm_multiply_packed JM(jm_multiply_packed)
#define jm_product_floats JM(jm_product_floats)
#define jm_product JM(jm_product)
#define jm_row_product JM(jm_row_product)

typedef float jm_quad __attribute__((vector_size(16), aligned(4)));

/// A work-group's share of the columns: whole panels, as equal as they come.
typedef struct jm_column_group {
    int first, count, panels;
    /// Floats in a row of sums: the columns with those that fill the last panel.
    int stride;
} jm_column_group;

JM_INLINE jm_column_group jm_column_group_of(const int lanes, int columns, uint32_t index, uint32_t groups) {
    const int64_t panels = (columns + lanes - 1) / lanes;
    const int first = (int)(panels * index / groups), end = (int)(panels * (index + 1) / groups);
    jm_column_group group = {.first = first * lanes, .panels = end - first};
    const int rest = columns - group.first;
    group.stride = group.panels * lanes;
    group.count = group.stride < rest ? group.stride : rest;
    return group;
}

/// 4 × 4 floats of four rows to [step][row], rows `stride` apart.
JM_INLINE void jm_transpose_quads(const float *const rows[4], int step, float *to, int stride) {
    const jm_quad a = *(const jm_quad *)(rows[0] + step), b = *(const jm_quad *)(rows[1] + step);
    const jm_quad c = *(const jm_quad *)(rows[2] + step), d = *(const jm_quad *)(rows[3] + step);
    const jm_quad ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    const jm_quad AB = __builtin_shufflevector(a, b, 2, 6, 3, 7), CD = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    *(jm_quad *)to = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
    *(jm_quad *)(to + stride) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
    *(jm_quad *)(to + 2 * stride) = __builtin_shufflevector(AB, CD, 0, 1, 4, 5);
    *(jm_quad *)(to + 3 * stride) = __builtin_shufflevector(AB, CD, 2, 3, 6, 7);
}

/// `depth` elements of each row from `first` on, as [group of JM_TILE_ROWS][step][row]. The last row fills the last group.
JM_INLINE void jm_pack_rows(const jm_stored *const *rows, int count, int first, int depth, float *packed) {
    for (int group = 0; group < count; group += JM_TILE_ROWS, packed += (ptrdiff_t)depth * JM_TILE_ROWS) {
        for (int quad = 0; quad < JM_TILE_ROWS; quad += 4) {
            float space[4][JM_SPACE(JM_DEPTH) + 1];
            const float *from[4];
            JM_UNROLL for (int i = 0; i < 4; i++) {
                const int row = group + quad + i < count ? group + quad + i : count - 1;
                from[i] = jm_in_floats(rows[row] + first, (size_t)depth, space[i]);
            }
            int step = 0;
            for (; step + 4 <= depth; step += 4)
                jm_transpose_quads(from, step, packed + step * JM_TILE_ROWS + quad, JM_TILE_ROWS);
            for (; step < depth; step++) {
                JM_UNROLL for (int i = 0; i < 4; i++) packed[step * JM_TILE_ROWS + quad + i] = from[i][step];
            }
        }
    }
}

/// `depth` rows of `columns` elements, `stride` apart, as [panel][step][column]; zeros fill the last panel.
///
/// Eight rows at a time: each panel's part of them is a run of whole cache lines, and a row is read in one run.
JM_INLINE void jm_pack_columns(
    const jm_stored *from, ptrdiff_t stride, int columns, int depth, float *packed) {
    for (int step = 0; step < depth; step += 8) {
        const int end = step + 8 < depth ? step + 8 : depth;
        float *panel = packed + (ptrdiff_t)step * JM_TILE_LANES;
        int column = 0;
        for (; column + JM_TILE_LANES <= columns; column += JM_TILE_LANES, panel += (ptrdiff_t)depth * JM_TILE_LANES) {
            float *to = panel;
            for (int row = step; row < end; row++, to += JM_TILE_LANES) {
                const jm_stored *elements = from + row * stride + column;
                JM_UNROLL for (int v = 0; v < JM_TILE_VECTORS; v++)
                    jm_store(to + v * JM_LANES, jm_read(elements + v * JM_LANES));
            }
        }
        if (column == columns) continue;
        for (int row = step; row < end; row++, panel += JM_TILE_LANES) {
            for (int lane = 0; lane < JM_TILE_LANES; lane++)
                panel[lane] = column + lane < columns ? jm_read_one(from + row * stride + column + lane) : 0;
        }
    }
}

/// sums += packed rows · packed columns; `sums` starts at zero where `isFirst`.
static void __attribute__((unused, noinline)) jm_multiply_packed(
    const float *rows, int count, const float *columns, int panels, int depth, int isFirst, float *sums) {
    const ptrdiff_t stride = (ptrdiff_t)panels * JM_TILE_LANES;
    for (int panel = 0; panel < panels; panel++) {
        const float *right = columns + (ptrdiff_t)panel * depth * JM_TILE_LANES;
        for (int row = 0; row < count; row += JM_TILE_ROWS) {
            float *to = sums + row * stride + panel * JM_TILE_LANES;
            jm_vec tile[JM_TILE_ROWS * JM_TILE_VECTORS];
            jm_tile_clear(JM_TILE_ROWS, JM_TILE_VECTORS, tile);
            jm_tile_product(
                JM_TILE_ROWS, JM_TILE_VECTORS, rows + (ptrdiff_t)row * depth, 1, JM_TILE_ROWS, right, JM_TILE_LANES, depth,
                tile);
            JM_UNROLL for (int i = 0; i < JM_TILE_ROWS; i++) {
                JM_UNROLL for (int v = 0; v < JM_TILE_VECTORS; v++) {
                    float *place = to + i * stride + v * JM_LANES;
                    const jm_vec sum = tile[i * JM_TILE_VECTORS + v];
                    jm_store(place, isFirst ? sum : jm_load(place) + sum);
                }
            }
        }
    }
}

/// Floats of scratch memory that products of up to JM_BLOCK_ROWS rows with `columns` columns split over `groups` need,
/// `results` of them kept at a time. The sums lie first.
JM_INLINE size_t jm_product_floats(int columns, uint32_t groups, int results) {
    const size_t panels = ((size_t)columns + JM_TILE_LANES - 1) / JM_TILE_LANES;
    const size_t stride = (panels + groups - 1) / groups * JM_TILE_LANES;
    return (JM_BLOCK_ROWS * (size_t)results + JM_DEPTH) * stride + JM_BLOCK_ROWS * JM_DEPTH;
}

/// sums[row · group.stride + column] = Σ over step < depth of rows[row][step] · right[step · stride + column], for the
/// columns of `group` and up to JM_BLOCK_ROWS rows. `packing` holds (JM_BLOCK_ROWS + group.stride) · JM_DEPTH floats.
JM_INLINE void jm_product(
    const jm_stored *const *rows, int count, const jm_stored *right, ptrdiff_t stride, int depth, jm_column_group group,
    float *packing, float *sums) {
    float *columns = packing + JM_BLOCK_ROWS * JM_DEPTH;
    for (int step = 0; step < depth; step += JM_DEPTH) {
        const int steps = depth - step < JM_DEPTH ? depth - step : JM_DEPTH;
        jm_pack_rows(rows, count, step, steps, packing);
        jm_pack_columns(right + step * stride + group.first, stride, group.count, steps, columns);
        jm_multiply_packed(packing, count, columns, group.panels, steps, step == 0, sums);
    }
}

/// The same of one row: nothing is used twice, so nothing is packed. Eight rows of the right operand go by at a time, as
/// eight streams; the sums stay in L1. `right` points at the first column.
///
/// Streams want long pieces: a prefetcher learns each anew. With all columns of a thread in one group (16 KiB of each row at
/// N = 8192, two threads) the product took 0.83 of the time that it took in groups of 512 columns (0.66 with f16).
JM_INLINE void jm_row_product(
    const jm_stored *row, const jm_stored *right, ptrdiff_t stride, int depth, int columns, float *sums) {
    const int whole = columns / JM_LANES * JM_LANES;
    for (int column = 0; column < columns; column++) sums[column] = 0;
    int step = 0;
    for (; step + 8 <= depth; step += 8, right += 8 * stride) {
        jm_vec left[8];
        JM_UNROLL for (int i = 0; i < 8; i++) left[i] = jm_splat(jm_read_one(row + step + i));
        for (int column = 0; column < whole; column += JM_LANES) {
            jm_vec even = jm_load(sums + column), odd = (jm_vec){0};
            JM_UNROLL for (int i = 0; i < 8; i += 2) {
                even += left[i] * jm_read(right + i * stride + column);
                odd += left[i + 1] * jm_read(right + (i + 1) * stride + column);
            }
            jm_store(sums + column, even + odd);
        }
        for (int column = whole; column < columns; column++) {
            for (int i = 0; i < 8; i++) sums[column] += left[i][0] * jm_read_one(right + i * stride + column);
        }
    }
    for (; step < depth; step++, right += stride) {
        const float left = jm_read_one(row + step);
        int column = 0;
        for (; column < whole; column += JM_LANES)
            jm_store(sums + column, jm_load(sums + column) + jm_splat(left) * jm_read(right + column));
        for (; column < columns; column++) sums[column] += left * jm_read_one(right + column);
    }
}

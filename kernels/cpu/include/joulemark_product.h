// Products of matrices of any size, out of the tiles of joulemark_tile.h. Include after joulemark_tile.h, in a stage
// whose definition has the constant GROUP_ROWS: the rows whose sums a work-group keeps.
//
// Both operands are packed, JM_DEPTH steps at a time, into the order in which a tile reads them (Goto and van de Geijn
// 2008, Anatomy of high-performance matrix multiplication): the right one in panels of JM_TILE_LANES columns, of which
// one (24 KiB with AVX2) stays in L1 while all rows go by; the left one in groups of JM_TILE_ROWS rows, which all
// together (128 rows, 128 KiB, where L2 has 512 KiB) stay in L2 while all panels go by. Rows of the left operand may
// lie anywhere: a mixture of experts gathers them.
//
// With both packed and in the caches, tiles reach 31 of the 32 operations that a core of Zen 3 can do a cycle; what a
// product loses, it loses to packing and to memory. A work-group therefore keeps the sums of GROUP_ROWS rows and up to
// 1024 columns (2 MiB, in L3; a tile's are asked for before it begins), for which it packs each operand's element once
// or twice. Operations a cycle and core on a busy machine, two threads, 512 × 4096 × 4096 and 64 × 4096 × 4096: 23.5
// and 21.1   128 rows and 256 columns, packed for these alone 25.4 and 21.3   512 rows and 256 columns 26.1 and 21.0
// the same, with sums asked for 26.4 and 22.0   512 rows and 1024 columns, as it is Blocks of 192 and 256 rows or a
// depth of 320 do not do better (24.6, 23.9, 24.6).

#define JM_DEPTH 256
// Rows of the right operand lie a whole row of the matrix apart, and its columns here are runs of a few KiB: too short
// for a prefetcher to learn. 512 × 4096 × 4096 takes 0.92 of the time with this, 64 × 4096 × 4096 0.94.
#define JM_PACK_AHEAD 16

#define jm_block_rows JM(jm_block_rows)
#define jm_column_group JM(jm_column_group)
#define jm_column_group_of JM(jm_column_group_of)
#define jm_quad JM(jm_quad)
#define jm_transpose_quads JM(jm_transpose_quads)
#define jm_pack_rows JM(jm_pack_rows)
#define jm_pack_columns JM(jm_pack_columns)
#define jm_multiply_panel JM(jm_multiply_panel)
#define jm_multiply_packed JM(jm_multiply_packed)
#define jm_product_floats JM(jm_product_floats)
#define jm_product JM(jm_product)
#define jm_product_block JM(jm_product_block)
#define jm_row_product JM(jm_row_product)

typedef float jm_quad __attribute__((vector_size(16), aligned(4)));

/// Rows of the left operand that are packed at a time: those that fill a quarter of a core's second-level cache.
JM_INLINE int jm_block_rows(const joulemark_call *call) {
    const uint32_t rows = call->cacheBytes / (4 * JM_DEPTH * sizeof(float)) / JM_TILE_ROWS * JM_TILE_ROWS;
    return rows < 32 ? 32 : rows > GROUP_ROWS ? GROUP_ROWS : (int)rows;
}

/// A work-group's share of the columns: whole panels, as equal as they come.
typedef struct jm_column_group {
    int first, count;
    /// Floats in a row of sums: the columns with those that fill the last vector.
    int stride;
} jm_column_group;

/// Group `index` of `groups`, in panels of `lanes` columns. A row of sums is filled up to a multiple of `filled`
/// columns.
JM_INLINE jm_column_group
jm_column_group_of(const int lanes, const int filled, int columns, uint32_t index, uint32_t groups) {
    const int64_t panels = (columns + lanes - 1) / lanes;
    const int first = (int)(panels * index / groups) * lanes, end = (int)(panels * (index + 1) / groups) * lanes;
    jm_column_group group = {.first = first, .count = (end < columns ? end : columns) - first};
    if (group.count < 0) group.count = 0;
    group.stride = (group.count + filled - 1) / filled * filled;
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

/// `depth` elements of each row from `first` on, as [group of JM_TILE_ROWS][step][row]. The last row fills the last
/// group.
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

/// `depth` rows of `columns` elements, `stride` apart, as [panel][step][column]; zeros fill the last vector.
///
/// Eight rows at a time: each panel's part of them is a run of whole cache lines, and a row is read in one run.
JM_INLINE void jm_pack_columns(const jm_stored *from, ptrdiff_t stride, int columns, int depth, float *packed) {
    for (int step = 0; step < depth; step += 8) {
        const int end = step + 8 < depth ? step + 8 : depth;
        for (int column = 0; column < columns;) {
            const int vectors = jm_panel_vectors((columns - column + JM_LANES - 1) / JM_LANES),
                      width = vectors * JM_LANES;
            float *to = packed + (ptrdiff_t)column * depth + step * width;
            if (vectors == JM_TILE_VECTORS && column + width <= columns) {
                for (int row = step; row < end; row++, to += JM_TILE_LANES) {
                    const jm_stored *elements = from + row * stride + column;
                    __builtin_prefetch(elements + JM_PACK_AHEAD * stride);
                    __builtin_prefetch(elements + JM_PACK_AHEAD * stride + 16);
                    JM_UNROLL for (int v = 0; v < JM_TILE_VECTORS; v++)
                        jm_store(to + v * JM_LANES, jm_read(elements + v * JM_LANES));
                }
            } else {
                for (int row = step; row < end; row++) {
                    for (int v = 0; v < vectors; v++, to += JM_LANES) {
                        const int first = column + v * JM_LANES;
                        jm_store(to, jm_read_some(from + row * stride + first, columns - first));
                    }
                }
            }
            column += width;
        }
    }
}

/// sums += packed rows · one packed panel; the panel's first sum is the first of `sums`.
JM_INLINE void jm_multiply_panel(
    const int vectors, const float *rows, int count, const float *panel, int depth, int isFirst, float *sums,
    ptrdiff_t stride) {
    for (int row = 0; row < count; row += JM_TILE_ROWS) {
        float *to = sums + row * stride;
        for (int i = 0; i < JM_TILE_ROWS; i++) {
            __builtin_prefetch(to + i * stride, 1);
            __builtin_prefetch(to + i * stride + vectors * JM_LANES - 1, 1);
        }
        jm_vec tile[JM_TILE_ROWS * JM_TILE_VECTORS];
        jm_tile_clear(JM_TILE_ROWS, vectors, tile);
        jm_tile_product(
            JM_TILE_ROWS, vectors, rows + (ptrdiff_t)row * depth, 1, JM_TILE_ROWS, panel, vectors * JM_LANES, depth,
            tile);
        JM_UNROLL for (int i = 0; i < JM_TILE_ROWS; i++) {
            JM_UNROLL for (int v = 0; v < vectors; v++) {
                float *place = to + i * stride + v * JM_LANES;
                const jm_vec sum = tile[i * vectors + v];
                jm_store(place, isFirst ? sum : jm_load(place) + sum);
            }
        }
    }
}

/// sums += packed rows · packed columns, `stride` of them; `sums` starts at zero where `isFirst`.
static void __attribute__((unused, noinline)) jm_multiply_packed(
    const float *rows, int count, const float *columns, int stride, int depth, int isFirst, float *sums) {
    for (int column = 0; column < stride;) {
        const int vectors = jm_panel_vectors((stride - column) / JM_LANES);
        const float *panel = columns + (ptrdiff_t)column * depth;
        float *to = sums + column;
        if (vectors == JM_TILE_VECTORS)
            jm_multiply_panel(JM_TILE_VECTORS, rows, count, panel, depth, isFirst, to, stride);
        else if (vectors == 2) jm_multiply_panel(2, rows, count, panel, depth, isFirst, to, stride);
        else jm_multiply_panel(1, rows, count, panel, depth, isFirst, to, stride);
        column += vectors * JM_LANES;
    }
}

/// Floats of scratch memory that products of up to GROUP_ROWS rows with `columns` columns split over `groups` need,
/// `results` of them kept at a time. The sums lie first.
JM_INLINE size_t jm_product_floats(const joulemark_call *call, int columns, uint32_t groups, int results) {
    const size_t panels = ((size_t)columns + JM_TILE_LANES - 1) / JM_TILE_LANES;
    const size_t stride = (panels + groups - 1) / groups * JM_TILE_LANES;
    return (GROUP_ROWS * (size_t)results + JM_DEPTH) * stride + (size_t)jm_block_rows(call) * JM_DEPTH;
}

/// sums[row · group.stride + column] = Σ over step < depth of rows[row][step] · right[step · stride + column], for the
/// columns of `group` and up to GROUP_ROWS rows. `packing` holds (blockRows + group.stride) · JM_DEPTH floats.
JM_INLINE void jm_product(
    const jm_stored *const *rows, int count, const jm_stored *right, ptrdiff_t stride, int depth, jm_column_group group,
    int blockRows, float *packing, float *sums) {
    float *columns = packing + (ptrdiff_t)blockRows * JM_DEPTH;
    for (int step = 0; step < depth; step += JM_DEPTH) {
        const int steps = depth - step < JM_DEPTH ? depth - step : JM_DEPTH;
        jm_pack_columns(right + step * stride + group.first, stride, group.count, steps, columns);
        for (int row = 0; row < count; row += blockRows) {
            const int block = count - row < blockRows ? count - row : blockRows;
            jm_pack_rows(rows + row, block, step, steps, packing);
            jm_multiply_packed(
                packing, block, columns, group.stride, steps, step == 0, sums + (ptrdiff_t)row * group.stride);
        }
    }
}

/// The same of one row: nothing is used twice, so nothing is packed. Eight rows of the right operand go by at a time,
/// as eight streams; the sums stay in L1. `right` points at the first column.
///
/// Streams want long pieces: a prefetcher learns each anew. With all columns of a thread in one group (16 KiB of each
/// row at N = 8192, two threads) the product took 0.83 of the time that it took in groups of 512 columns (0.66 with
/// f16).
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

/// c = a · b for `count` rows, GROUP_ROWS at most, and the columns of `group`; a has `depth` columns, b and c have
/// `columns`. `a` and `c` point at the first of the rows, `b` at the whole matrix.
JM_INLINE void jm_product_block(
    const jm_stored *a, const jm_stored *b, jm_stored *c, int count, int depth, int columns, jm_column_group group,
    int blockRows, float *scratch) {
    if (count == 1) {
        jm_row_product(a, b + group.first, columns, depth, group.count, scratch);
    } else {
        const jm_stored *rows[GROUP_ROWS];
        for (int row = 0; row < count; row++) rows[row] = a + (ptrdiff_t)row * depth;
        float *packing = scratch + (ptrdiff_t)GROUP_ROWS * group.stride;
        jm_product(rows, count, b, columns, depth, group, blockRows, packing, scratch);
    }
    for (int row = 0; row < count; row++) {
        jm_narrow(
            c + (ptrdiff_t)row * columns + group.first, scratch + (ptrdiff_t)row * group.stride, (size_t)group.count);
    }
}

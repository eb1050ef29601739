// Scores by work-groups of SCORE_GROUP_ROWS rows. Include after joulemark_tile.h and attention.h.
//
// Scores are q kᵀ, both with the head size contiguous: keys are transposed into panels of JM_TILE_LANES keys,
// [D][lanes], which all rows of a work-group use. With 256 rows transposing costs under 1/50 of the multiply-adds.
//
// As many panels lie side by side as 24 KiB hold (96 keys at D = 64): they stay in L1 while the rows go by, and a row's
// scores are written as a run of whole cache lines. One panel at a time would leave half-written lines in 256 rows
// whose addresses, a power of two apart, compete for the same sets of the cache.
//
// Where a row's largest score is asked for, it is kept as a vector a row, 8 KiB in all, and found without a step across
// lanes until the end.
#include "joulemark_transpose.h"

#define PANEL_FLOATS 6144

#define pack_keys JM(pack_keys)
#define row_tile JM(row_tile)
#define find_edges JM(find_edges)
#define score_edges JM(score_edges)
#define score_rows JM(score_rows)

/// Transposes up to JM_TILE_LANES keys into a panel; lanes beyond `count` are zero.
static void pack_keys(const jm_stored *keys, int size, int count, float *panel) {
    for (int first = 0; first < JM_TILE_LANES; first += JM_LANES) {
        for (int d = 0; d < size; d += JM_LANES) {
            const int columns = size - d < JM_LANES ? size - d : JM_LANES;
            jm_vec block[JM_LANES];
            JM_UNROLL for (int key = 0; key < JM_LANES; key++) {
                block[key] = first + key < count ? jm_read_some(keys + (ptrdiff_t)(first + key) * size + d, columns)
                                                 : (jm_vec){0};
            }
            jm_transpose(block);
            JM_UNROLL for (int column = 0; column < JM_LANES; column++) {
                if (column < columns) jm_store(panel + (d + column) * JM_TILE_LANES + first, block[column]);
            }
        }
    }
}

/// What stands for the score of a key that a row does not see, and for the largest of none.
#define HIDDEN -1e30f

/// Which lanes of a panel hold keys that a row sees.
typedef struct score_edges {
    int start, end;
} score_edges;

/// `rows` × `count` scores. With `largest`, a vector a row, each row keeps its largest, hidden keys left out: `edges`
/// says where, a row each, or is NULL where no row hides a key of the panel.
JM_INLINE void row_tile(
    const int rows, const float *queries, int size, const float *panel, int count, float scale, float *scores,
    ptrdiff_t stride, jm_vec *largest, const score_edges *edges) {
    jm_vec sums[JM_TILE_ROWS * JM_TILE_VECTORS];
    jm_tile_clear(rows, JM_TILE_VECTORS, sums);
    jm_tile_product(rows, JM_TILE_VECTORS, queries, size, 1, panel, JM_TILE_LANES, size, sums);
    JM_UNROLL for (int i = 0; i < rows * JM_TILE_VECTORS; i++) sums[i] *= scale;
    if (largest) {
        jm_ivec lane;
        for (int i = 0; i < JM_LANES; i++) lane[i] = i;
        JM_UNROLL for (int row = 0; row < rows; row++) {
            JM_UNROLL for (int v = 0; v < JM_TILE_VECTORS; v++) {
                jm_vec *sum = &sums[row * JM_TILE_VECTORS + v];
                if (edges) {
                    const jm_ivec place = lane + v * JM_LANES;
                    *sum = jm_select((place >= edges[row].start) & (place < edges[row].end), *sum, jm_splat(HIDDEN));
                }
                largest[row] = jm_max(*sum, largest[row]);
            }
        }
    }
    if (count == JM_TILE_LANES) {
        JM_UNROLL for (int row = 0; row < rows; row++) {
            JM_UNROLL for (int v = 0; v < JM_TILE_VECTORS; v++)
                jm_store(scores + row * stride + v * JM_LANES, sums[row * JM_TILE_VECTORS + v]);
        }
    } else {
        float lanes[JM_TILE_LANES];
        JM_UNROLL for (int row = 0; row < rows; row++) {
            JM_UNROLL for (int v = 0; v < JM_TILE_VECTORS; v++)
                jm_store(lanes + v * JM_LANES, sums[row * JM_TILE_VECTORS + v]);
            for (int lane = 0; lane < count; lane++) scores[row * stride + lane] = lanes[lane];
        }
    }
}

#define PANELS(size) ((PANEL_FLOATS / JM_TILE_LANES) / (size) > 1 ? (PANEL_FLOATS / JM_TILE_LANES) / (size) : 1)
#undef SCORE_FLOATS
#define SCORE_FLOATS(size)                                                                                             \
    ((size_t)(PANELS(size) * (size)*JM_TILE_LANES + SCORE_GROUP_ROWS * JM_LANES) + JM_SPACE(SCORE_GROUP_ROWS * (size)))

/// Where the keys that rows see begin and end in a tile that starts at `key`; returns whether any is hidden.
JM_INLINE int find_edges(const attention_shape *shape, int row, int rows, int key, score_edges *edges) {
    int hides = 0;
    for (int i = 0; i < rows; i++) {
        edges[i].start = attention_visible_start(shape, row + i) - key;
        edges[i].end = attention_visible_end(shape, row + i) - key;
        hides |= edges[i].start > 0 || edges[i].end < JM_TILE_LANES;
    }
    return hides;
}

/// The work-group (x, y) of the stage `scores`; `maxima` is NULL or takes each row's largest score.
JM_INLINE void score_rows(const joulemark_call *call, uint32_t x, uint32_t y, float *maxima, void *scratch) {
    const attention_shape shape = attention_shape_of(call);
    const int size = shape.headSize, panels = PANELS(size);
    const int firstRow = (int)(call->workGroups[0] - 1 - x) * SCORE_GROUP_ROWS;
    const int endRow = firstRow + SCORE_GROUP_ROWS < shape.queryLength ? firstRow + SCORE_GROUP_ROWS
                                                                       : shape.queryLength;
    const jm_stored *stored = jm_tensors_of(call)->q + ((ptrdiff_t)y * shape.queryLength + firstRow) * size;
    const jm_stored *keys = jm_tensors_of(call)->k + (ptrdiff_t)(y / (uint32_t)shape.group) * shape.keyLength * size;
    float *scores = jm_tensors_of(call)->scores + (ptrdiff_t)y * shape.queryLength * shape.keyLength;
    const float scale = jm_arguments_of(call)->scale;
    jm_vec *largest = scratch;
    float *packed = (float *)(largest + SCORE_GROUP_ROWS);
    const float *queries = jm_in_floats(
        stored, (size_t)((endRow - firstRow) * size), packed + PANELS(size) * size * JM_TILE_LANES);
    for (int row = 0; row < SCORE_GROUP_ROWS; row++) largest[row] = jm_splat(HIDDEN);

    // Rows see windows that only move forward, so that the first row's start and the last row's end bound them all.
    const int start = attention_visible_start(&shape, firstRow) / JM_TILE_LANES * JM_TILE_LANES;
    const int end = attention_visible_end(&shape, endRow - 1);
    for (int block = start; block < end; block += panels * JM_TILE_LANES) {
        for (int panel = 0; panel < panels; panel++) {
            const int key = block + panel * JM_TILE_LANES;
            if (key < end)
                pack_keys(
                    keys + (ptrdiff_t)key * size, size, attention_clamp(shape.keyLength - key, 0, JM_TILE_LANES),
                    packed + panel * size * JM_TILE_LANES);
        }
        for (int row = firstRow; row < endRow;) {
            const int rows = endRow - row >= JM_TILE_ROWS ? JM_TILE_ROWS : 1;
            const int rowStart = attention_visible_start(&shape, row);
            const int rowEnd = attention_visible_end(&shape, row + rows - 1);
            for (int panel = 0; panel < panels; panel++) {
                const int key = block + panel * JM_TILE_LANES;
                if (key + JM_TILE_LANES <= rowStart) continue;
                if (key >= rowEnd) break;
                const float *from = queries + (row - firstRow) * size;
                const float *right = packed + panel * size * JM_TILE_LANES;
                float *to = scores + (ptrdiff_t)row * shape.keyLength + key;
                const int count = attention_clamp(shape.keyLength - key, 0, JM_TILE_LANES);
                jm_vec *rowLargest = maxima ? largest + (row - firstRow) : NULL;
                score_edges edges[JM_TILE_ROWS];
                const int hides = maxima && find_edges(&shape, row, rows, key, edges);
                const score_edges *rowEdges = hides ? edges : NULL;
                if (rows == 1) row_tile(1, from, size, right, count, scale, to, shape.keyLength, rowLargest, rowEdges);
                else row_tile(JM_TILE_ROWS, from, size, right, count, scale, to, shape.keyLength, rowLargest, rowEdges);
            }
            row += rows;
        }
    }

    // Their tiles of keys are the GPUs'; here a row's largest score stands in the first.
    const int tiles = (shape.keyLength + 63) / 64;
    for (int row = firstRow; maxima && row < endRow; row++) {
        float *line = maxima + ((ptrdiff_t)y * shape.queryLength + row) * tiles;
        line[0] = jm_horizontal_max(largest[row - firstRow]);
        for (int tile = 1; tile < tiles; tile++) line[tile] = HIDDEN;
    }
}

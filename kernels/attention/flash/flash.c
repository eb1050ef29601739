#define JM_F16_TOO
#include "joulemark_kernel.h"
#include "joulemark_tile.h"
#include "joulemark_transpose.h"
#include "../attention.h"

// Everything is computed transposed: a vector holds one score, or one element of the output, of neighbouring queries.
// So K and V are read as they lie, by broadcasts, and need no packing; the maximum and the sum of the softmax run along
// lanes that never meet; and only the queries, packed once a work-group, and the output are transposed.
//
// A work-group has GROUP_ROWS queries of one key head (those of grouped heads follow each other, so that one token's
// decoding fills vectors with the heads that share its keys), in tiles of JM_TILE_LANES. Blocks of BLOCK_KEYS keys go
// through all tiles before the next block: K and V of a block (2 · 128 · 64 · 4 = 64 KiB at D = 64) come from L2 for all
// tiles but the first, and a tile's scores (128 · 24 · 4 = 12 KiB with AVX2) stay in L1.
#define GROUP_ROWS 96
#define BLOCK_KEYS 128

// Finite, so that a row without visible keys never meets ∞ − ∞: a masked score lies as far below the first maximum as that
// below real scores, and its weight vanishes.
#define NO_MAXIMUM -1e30f
#define MASKED -2e30f

#include "../value_rows.h"
#include "few_rows.h"

#define query_tile JM(query_tile)
#define tile_scores JM(tile_scores)
#define mask_scores JM(mask_scores)
#define tile_softmax JM(tile_softmax)
#define tile_values JM(tile_values)
#define tile_block JM(tile_block)
#define start_tile JM(start_tile)
#define load_queries JM(load_queries)
#define store_output JM(store_output)

/// Up to JM_TILE_LANES rows. Lanes without a row see no key.
typedef struct query_tile {
    float *queries;  // [D][lanes], scaled
    float *output;   // [D][lanes], not yet divided by the sum
    int rows;
    int start, end;          // keys that any row sees
    int lastStart, firstEnd;  // keys that all rows see
    jm_vec largest[JM_TILE_VECTORS];
    jm_vec sum[JM_TILE_VECTORS];
    jm_ivec visibleStart[JM_TILE_VECTORS];
    jm_ivec visibleEnd[JM_TILE_VECTORS];
} query_tile;

/// Scores of `count` keys, and the largest of them and `largest`.
JM_INLINE void tile_scores(
    const int vectors, const float *queries, const float *keys, int size, int count, float *scores, jm_vec largest[]) {
    const int lanes = vectors * JM_LANES;
    int key = 0;
    for (; key + JM_TILE_ROWS <= count; key += JM_TILE_ROWS) {
        jm_vec sums[JM_TILE_ROWS * JM_TILE_VECTORS];
        jm_tile_clear(JM_TILE_ROWS, vectors, sums);
        jm_tile_product(JM_TILE_ROWS, vectors, keys + (ptrdiff_t)key * size, size, 1, queries, lanes, size, sums);
        JM_UNROLL for (int row = 0; row < JM_TILE_ROWS; row++) {
            JM_UNROLL for (int v = 0; v < vectors; v++) {
                jm_store(scores + (key + row) * lanes + v * JM_LANES, sums[row * vectors + v]);
                largest[v] = jm_max(sums[row * vectors + v], largest[v]);
            }
        }
    }
    for (; key < count; key++) {
        jm_vec sums[JM_TILE_VECTORS];
        jm_tile_clear(1, vectors, sums);
        jm_tile_product(1, vectors, keys + (ptrdiff_t)key * size, size, 1, queries, lanes, size, sums);
        JM_UNROLL for (int v = 0; v < vectors; v++) {
            jm_store(scores + key * lanes + v * JM_LANES, sums[v]);
            largest[v] = jm_max(sums[v], largest[v]);
        }
    }
}

/// Masks what a lane does not see; `largest` becomes the largest of what is left and `before`.
JM_INLINE void mask_scores(
    const int vectors, const query_tile *tile, int firstKey, int count, float *scores, const jm_vec before[],
    jm_vec largest[]) {
    JM_UNROLL for (int v = 0; v < vectors; v++) largest[v] = before[v];
    for (int key = 0; key < count; key++) {
        const jm_ivec position = (jm_ivec){0} + (firstKey + key);
        JM_UNROLL for (int v = 0; v < vectors; v++) {
            float *place = scores + (key * vectors + v) * JM_LANES;
            const jm_ivec visible = (position >= tile->visibleStart[v]) & (position < tile->visibleEnd[v]);
            const jm_vec score = jm_select(visible, jm_load(place), jm_splat(MASKED));
            jm_store(place, score);
            largest[v] = jm_max(score, largest[v]);
        }
    }
}

/// Scores become weights relative to `largest`; their sum is added to `sum`.
JM_INLINE void tile_softmax(const int vectors, int count, float *scores, const jm_vec largest[], jm_vec sum[]) {
    for (int key = 0; key < count; key++) {
        JM_UNROLL for (int v = 0; v < vectors; v++) {
            float *place = scores + (key * vectors + v) * JM_LANES;
            const jm_vec weight = jm_exp2(jm_load(place) - largest[v]);
            jm_store(place, weight);
            sum[v] += weight;
        }
    }
}

/// output = output · correction + weights · values.
JM_INLINE void tile_values(
    const int vectors, const float *weights, const float *values, int size, int count, const jm_vec correction[],
    float *output) {
    const int lanes = vectors * JM_LANES;
    for (int d = 0; d < size; d += JM_TILE_ROWS) {
        jm_vec sums[JM_TILE_ROWS * JM_TILE_VECTORS];
        JM_UNROLL for (int row = 0; row < JM_TILE_ROWS; row++) {
            JM_UNROLL for (int v = 0; v < vectors; v++)
                sums[row * vectors + v] = jm_load(output + (d + row) * lanes + v * JM_LANES) * correction[v];
        }
        jm_tile_product(JM_TILE_ROWS, vectors, values + d, 1, size, weights, lanes, count, sums);
        JM_UNROLL for (int row = 0; row < JM_TILE_ROWS; row++) {
            JM_UNROLL for (int v = 0; v < vectors; v++)
                jm_store(output + (d + row) * lanes + v * JM_LANES, sums[row * vectors + v]);
        }
    }
}

/// One step of the online softmax: the keys from `first` to `end`, at `keys` and `values`, for one tile.
JM_INLINE void tile_block(
    const int vectors, query_tile *tile, const float *keys, const float *values, int size, int first, int end,
    float *scores) {
    const int count = end - first;
    jm_vec largest[JM_TILE_VECTORS], correction[JM_TILE_VECTORS];
    JM_UNROLL for (int v = 0; v < vectors; v++) largest[v] = tile->largest[v];
    tile_scores(vectors, tile->queries, keys, size, count, scores, largest);
    if (first < tile->lastStart || end > tile->firstEnd)
        mask_scores(vectors, tile, first, count, scores, tile->largest, largest);
    jm_vec sum[JM_TILE_VECTORS];
    JM_UNROLL for (int v = 0; v < vectors; v++) {
        correction[v] = jm_exp2(tile->largest[v] - largest[v]);
        sum[v] = tile->sum[v] * correction[v];
    }
    tile_softmax(vectors, count, scores, largest, sum);
    JM_UNROLL for (int v = 0; v < vectors; v++) {
        tile->largest[v] = largest[v];
        tile->sum[v] = sum[v];
    }
    tile_values(vectors, scores, values, size, count, correction, tile->output);
}

/// Vectors that a tile's rows take.
#define vectors_of(tile) (((tile)->rows + JM_LANES - 1) / JM_LANES)

/// Finds what each of a tile's rows sees, and empties the tile.
static void start_tile(query_tile *tile, const attention_shape *shape, int firstRow) {
    int32_t *starts = (int32_t *)tile->visibleStart, *ends = (int32_t *)tile->visibleEnd;
    const int lanes = vectors_of(tile) * JM_LANES;
    tile->start = tile->firstEnd = shape->keyLength;
    tile->end = tile->lastStart = 0;
    for (int lane = 0; lane < lanes; lane++) {
        if (lane >= tile->rows) {
            starts[lane] = ends[lane] = 0;
            continue;
        }
        const int query = (firstRow + lane) % shape->queryLength;
        starts[lane] = attention_visible_start(shape, query);
        ends[lane] = attention_visible_end(shape, query);
        if (starts[lane] < tile->start) tile->start = starts[lane];
        if (starts[lane] > tile->lastStart) tile->lastStart = starts[lane];
        if (ends[lane] < tile->firstEnd) tile->firstEnd = ends[lane];
        if (ends[lane] > tile->end) tile->end = ends[lane];
    }
    for (int i = 0; i < shape->headSize * lanes; i++) tile->output[i] = 0;
    for (int v = 0; v < JM_TILE_VECTORS; v++) {
        tile->largest[v] = jm_splat(NO_MAXIMUM);
        tile->sum[v] = (jm_vec){0};
    }
}

/// Packs a tile's queries, scaled so that weights are powers of two.
static void load_queries(query_tile *tile, int size, const jm_stored *queries, float scale) {
    const int lanes = vectors_of(tile) * JM_LANES;
    for (int first = 0; first < lanes; first += JM_LANES) {
        for (int d = 0; d < size; d += JM_LANES) {
            const int count = size - d < JM_LANES ? size - d : JM_LANES;
            jm_vec block[JM_LANES];
            JM_UNROLL for (int row = 0; row < JM_LANES; row++) {
                block[row] = first + row < tile->rows
                                 ? jm_read_some(queries + (ptrdiff_t)(first + row) * size + d, count) * scale
                                 : (jm_vec){0};
            }
            jm_transpose(block);
            JM_UNROLL for (int column = 0; column < JM_LANES; column++) {
                if (column < count) jm_store(tile->queries + (d + column) * lanes + first, block[column]);
            }
        }
    }
}

static void store_output(const query_tile *tile, int size, jm_stored *output) {
    const int lanes = vectors_of(tile) * JM_LANES;
    for (int v = 0; v < lanes / JM_LANES; v++) {
        // The largest weight of a row is 1, so that a sum below it means that no key was visible.
        const jm_vec factor = jm_select(tile->sum[v] >= jm_splat(0.5f), 1.0f / tile->sum[v], (jm_vec){0});
        const int first = v * JM_LANES;
        for (int d = 0; d < size; d += JM_LANES) {
            const int count = size - d < JM_LANES ? size - d : JM_LANES;
            jm_vec block[JM_LANES];
            JM_UNROLL for (int column = 0; column < JM_LANES; column++)
                block[column] =
                    column < count ? jm_load(tile->output + (d + column) * lanes + first) * factor : (jm_vec){0};
            jm_transpose(block);
            JM_UNROLL for (int row = 0; row < JM_LANES; row++) {
                if (first + row < tile->rows)
                    jm_write_some(output + (ptrdiff_t)(first + row) * size + d, block[row], count);
            }
        }
    }
}

#define TILES (GROUP_ROWS / JM_TILE_LANES)
#define PANEL_FLOATS(size) (2 * GROUP_ROWS * (size))
#define SCORE_FLOATS (BLOCK_KEYS * JM_TILE_LANES)
#define SCRATCH_FLOATS(size) ((size_t)(PANEL_FLOATS(size) + SCORE_FLOATS) + JM_SPACE(2 * BLOCK_KEYS * (size)))

JOULEMARK_STAGE("attention", "flash", "flash", JM_STORAGE, 4, 9, 4 * SCRATCH_FLOATS(attention_shape_of(call).headSize)) {
    const attention_shape shape = attention_shape_of(call);
    const int size = shape.headSize;
    // Rows of a key head: its query heads one after the other. Under a causal mask the last rows see most keys: they go
    // first, so that no thread is left alone with a long work-group at the end.
    const int rows = shape.queryLength * shape.group;
    const int firstRow = (int)(call->workGroups[0] - 1 - x) * GROUP_ROWS;
    const jm_stored *queries = (const jm_stored *)call->buffers[0] + (ptrdiff_t)y * rows * size;
    const jm_stored *keys = (const jm_stored *)call->buffers[1] + (ptrdiff_t)y * shape.keyLength * size;
    const jm_stored *values = (const jm_stored *)call->buffers[2] + (ptrdiff_t)y * shape.keyLength * size;
    jm_stored *output = (jm_stored *)call->buffers[3] + (ptrdiff_t)y * rows * size;
    float *scores = scratch;
    float *panels = scores + SCORE_FLOATS;
    const float scale = call->arguments[8].real * 1.44269504f;  // log2 e

    if (rows <= FEW_ROWS) {
        few_rows(&shape, queries, keys, values, scale, output, scratch);
        return;
    }

    query_tile tiles[TILES];
    int tileCount = 0, start = shape.keyLength, end = 0;
    for (int row = firstRow; row < firstRow + GROUP_ROWS && row < rows; row += JM_TILE_LANES) {
        query_tile *tile = &tiles[tileCount++];
        tile->rows = rows - row < JM_TILE_LANES ? rows - row : JM_TILE_LANES;
        tile->queries = panels + 2 * (tileCount - 1) * JM_TILE_LANES * size;
        tile->output = tile->queries + JM_TILE_LANES * size;
        start_tile(tile, &shape, row);
        load_queries(tile, size, queries + (ptrdiff_t)row * size, scale);
        if (tile->start < start) start = tile->start;
        if (tile->end > end) end = tile->end;
    }
    for (int block = start; block < end; block += BLOCK_KEYS) {
        // As floats once for all tiles: a conversion costs 1/48 of the multiply-adds that an element takes part in.
        const size_t count = (size_t)((end - block < BLOCK_KEYS ? end - block : BLOCK_KEYS) * size);
        float *space = panels + PANEL_FLOATS(size);
        const float *blockKeys = jm_in_floats(keys + (ptrdiff_t)block * size, count, space);
        const float *blockValues = jm_in_floats(values + (ptrdiff_t)block * size, count, space + BLOCK_KEYS * size);
        for (query_tile *tile = tiles; tile < tiles + tileCount; tile++) {
            const int first = block > tile->start ? block : tile->start;
            const int last = block + BLOCK_KEYS < tile->end ? block + BLOCK_KEYS : tile->end;
            if (first >= last) continue;
            const float *k = blockKeys + (first - block) * size, *v = blockValues + (first - block) * size;
            switch (vectors_of(tile)) {
                case 1: tile_block(1, tile, k, v, size, first, last, scores); break;
#if JM_TILE_VECTORS > 2
                case 2: tile_block(2, tile, k, v, size, first, last, scores); break;
#endif
                default: tile_block(JM_TILE_VECTORS, tile, k, v, size, first, last, scores); break;
            }
        }
    }
    for (int i = 0; i < tileCount; i++)
        store_output(&tiles[i], size, output + (ptrdiff_t)(firstRow + i * JM_TILE_LANES) * size);
}

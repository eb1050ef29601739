// Rows of queries in tiles, and a pass over keys for them: what flash and its relatives share. Include after
// joulemark_tile.h and attention.h.
//
// Everything is computed transposed: a vector holds one score, or one element of the output, of neighbouring rows.
// So K and V are read as they lie, by broadcasts, and need no packing; the maximum and the sum of the softmax run along
// lanes that never meet; and only the queries, packed once a work-group, and the output are transposed.
//
// A work-group has FLASH_GROUP_ROWS rows of one key head, in tiles of JM_TILE_LANES. Blocks of BLOCK_KEYS keys go
// through all tiles before the next block: K and V of a block (2 · 128 · 64 · 4 = 64 KiB at D = 64) come from L2 for
// all tiles but the first, and a tile's scores (128 · 24 · 4 = 12 KiB with AVX2) stay in L1.
#include "joulemark_transpose.h"

#define BLOCK_KEYS 128
#define TILES (FLASH_GROUP_ROWS / JM_TILE_LANES)

// Finite, so that a row without visible keys never meets ∞ − ∞: a masked score lies as far below the first maximum as
// that below real scores, and its weight vanishes.
#define NO_MAXIMUM -1e30f
#define MASKED -2e30f

#define query_tile JM(query_tile)
#define row_mask JM(row_mask)
#define row_tiles JM(row_tiles)
#define tile_scores JM(tile_scores)
#define mask_scores JM(mask_scores)
#define mask_scores_by_bits JM(mask_scores_by_bits)
#define tile_softmax JM(tile_softmax)
#define tile_values JM(tile_values)
#define tile_block JM(tile_block)
#define load_queries JM(load_queries)
#define store_output JM(store_output)
#define store_partial JM(store_partial)
#define load_block JM(load_block)
#define load_tiles JM(load_tiles)
#define attend_block JM(attend_block)
#define attend_tiles JM(attend_tiles)

/// Up to JM_TILE_LANES rows. Lanes without a row see no key.
typedef struct query_tile {
    float *queries;  // [D][lanes], scaled
    float *output;   // [D][lanes], not yet divided by the sum
    int rows;
    int start, end;           // keys that any row sees
    int lastStart, firstEnd;  // keys that all rows see
    jm_vec largest[JM_TILE_VECTORS];
    jm_vec sum[JM_TILE_VECTORS];
    jm_ivec visibleStart[JM_TILE_VECTORS];
    jm_ivec visibleEnd[JM_TILE_VECTORS];
    int query[JM_TILE_LANES];         // number of a lane's query
    ptrdiff_t offset[JM_TILE_LANES];  // where it begins among those of the key head, as its output does
} query_tile;

/// The tiles of a work-group.
typedef struct row_tiles {
    query_tile tiles[TILES];
    int count;
    int start, end;  // keys that any row sees
    float *scores;
    float *space;                          // for a block's keys and values as floats
    int firstKey;                          // the first key of the block at hand
    const float *blockKeys, *blockValues;  // the block at hand
} row_tiles;

/// Which of Lq · `words` · 32 pairs of query and key see each other, for a mask that is no range.
typedef struct row_mask {
    const uint32_t *bits;
    int words;
} row_mask;

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

/// The same by a bit a query and key.
JM_INLINE void mask_scores_by_bits(
    const int vectors, const query_tile *tile, const row_mask *mask, int firstKey, int count, float *scores,
    const jm_vec before[], jm_vec largest[]) {
    const int lanes = vectors * JM_LANES;
    JM_UNROLL for (int v = 0; v < vectors; v++) largest[v] = before[v];
    for (int key = 0; key < count;) {
        const int word = (firstKey + key) / 32, bit = (firstKey + key) % 32;
        jm_ivec words[JM_TILE_VECTORS];
        int32_t *laneWords = (int32_t *)words;
        for (int lane = 0; lane < lanes; lane++)
            laneWords[lane] = lane < tile->rows
                ? (int32_t)(mask->bits[(ptrdiff_t)tile->query[lane] * mask->words + word] >> bit)
                : 0;
        const int end = key + 32 - bit < count ? key + 32 - bit : count;
        for (; key < end; key++) {
            JM_UNROLL for (int v = 0; v < vectors; v++) {
                float *place = scores + (key * vectors + v) * JM_LANES;
                const jm_vec score = jm_select((words[v] & 1) != 0, jm_load(place), jm_splat(MASKED));
                jm_store(place, score);
                largest[v] = jm_max(score, largest[v]);
                words[v] >>= 1;
            }
        }
    }
}

/// Scores become weights relative to `largest`; their sum is added to `sum`.
JM_INLINE void tile_softmax(const int vectors, int count, float *scores, const jm_vec largest[], jm_vec sum[]) {
    for (int key = 0; key < count; key++) {
        JM_UNROLL for (int v = 0; v < vectors; v++) {
            float *place = scores + (key * vectors + v) * JM_LANES;
            const jm_vec weight = jm_exp2_capped(jm_load(place) - largest[v]);
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

/// One step of the online softmax: the keys from `first` to `end`, at `keys` and `values`, for one tile. With a mask,
/// that alone hides keys.
JM_INLINE void tile_block(
    const int vectors, query_tile *tile, const float *keys, const float *values, int size, int first, int end,
    const row_mask *mask, float *scores) {
    const int count = end - first;
    jm_vec largest[JM_TILE_VECTORS], correction[JM_TILE_VECTORS];
    JM_UNROLL for (int v = 0; v < vectors; v++) largest[v] = tile->largest[v];
    tile_scores(vectors, tile->queries, keys, size, count, scores, largest);
    if (mask) mask_scores_by_bits(vectors, tile, mask, first, count, scores, tile->largest, largest);
    else if (first < tile->lastStart || end > tile->firstEnd)
        mask_scores(vectors, tile, first, count, scores, tile->largest, largest);
    jm_vec sum[JM_TILE_VECTORS];
    JM_UNROLL for (int v = 0; v < vectors; v++) {
        correction[v] = jm_exp2_capped(tile->largest[v] - largest[v]);
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

/// Packs a tile's queries, scaled so that weights are powers of two, and finds what each sees.
static void load_queries(
    query_tile *tile, const attention_shape *shape, attention_order order, const jm_stored *queries, int firstRow,
    float scale) {
    const int size = shape->headSize, lanes = vectors_of(tile) * JM_LANES;
    int32_t *starts = (int32_t *)tile->visibleStart, *ends = (int32_t *)tile->visibleEnd;
    tile->start = tile->firstEnd = shape->keyLength;
    tile->end = tile->lastStart = 0;
    for (int lane = 0; lane < lanes; lane++) {
        if (lane >= tile->rows) {
            starts[lane] = ends[lane] = 0;
            continue;
        }
        const int query = attention_row_query(shape, order, firstRow + lane);
        tile->query[lane] = query;
        tile->offset[lane] = attention_row_offset(shape, order, firstRow + lane);
        starts[lane] = attention_visible_start(shape, query);
        ends[lane] = attention_visible_end(shape, query);
        if (starts[lane] < tile->start) tile->start = starts[lane];
        if (starts[lane] > tile->lastStart) tile->lastStart = starts[lane];
        if (ends[lane] < tile->firstEnd) tile->firstEnd = ends[lane];
        if (ends[lane] > tile->end) tile->end = ends[lane];
    }
    for (int first = 0; first < lanes; first += JM_LANES) {
        for (int d = 0; d < size; d += JM_LANES) {
            const int count = size - d < JM_LANES ? size - d : JM_LANES;
            jm_vec block[JM_LANES];
            JM_UNROLL for (int row = 0; row < JM_LANES; row++) {
                block[row] = first + row < tile->rows
                    ? jm_read_some(queries + tile->offset[first + row] + d, count) * scale
                    : (jm_vec){0};
            }
            jm_transpose(block);
            JM_UNROLL for (int column = 0; column < JM_LANES; column++) {
                if (column < count) jm_store(tile->queries + (d + column) * lanes + first, block[column]);
            }
        }
    }
    for (int i = 0; i < size * lanes; i++) tile->output[i] = 0;
    for (int v = 0; v < JM_TILE_VECTORS; v++) {
        tile->largest[v] = jm_splat(NO_MAXIMUM);
        tile->sum[v] = (jm_vec){0};
    }
}

/// Stores a tile's rows, divided by their sums.
static inline void store_output(const query_tile *tile, int size, jm_stored *output) {
    const int lanes = vectors_of(tile) * JM_LANES;
    for (int v = 0; v < lanes / JM_LANES; v++) {
        // The largest weight of a row is 1, so that a sum below it means that no key was visible.
        const jm_vec factor = jm_select(tile->sum[v] >= jm_splat(0.5f), 1.0f / tile->sum[v], (jm_vec){0});
        const int first = v * JM_LANES;
        for (int d = 0; d < size; d += JM_LANES) {
            const int count = size - d < JM_LANES ? size - d : JM_LANES;
            jm_vec block[JM_LANES];
            JM_UNROLL for (int column = 0; column < JM_LANES; column++) block[column] = column < count
                ? jm_load(tile->output + (d + column) * lanes + first) * factor
                : (jm_vec){0};
            jm_transpose(block);
            JM_UNROLL for (int row = 0; row < JM_LANES; row++) {
                if (first + row < tile->rows) jm_write_some(output + tile->offset[first + row] + d, block[row], count);
            }
        }
    }
}

/// Stores a tile's rows as they are, and two numbers a row: the maximum and the sum.
static inline void store_partial(const query_tile *tile, int size, float *output, float *extremes) {
    const int lanes = vectors_of(tile) * JM_LANES;
    const float *sums = (const float *)tile->sum, *largest = (const float *)tile->largest;
    for (int lane = 0; lane < tile->rows; lane++) {
        float *to = output + tile->offset[lane];
        for (int d = 0; d < size; d++) to[d] = tile->output[d * lanes + lane];
        extremes[2 * (tile->offset[lane] / size)] = largest[lane];
        extremes[2 * (tile->offset[lane] / size) + 1] = sums[lane];
    }
}

/// Floats of scratch memory that the tiles of a work-group take.
#undef TILES_FLOATS
#define TILES_FLOATS(size)                                                                                             \
    ((size_t)(2 * FLASH_GROUP_ROWS * (size) + BLOCK_KEYS * JM_TILE_LANES) + JM_SPACE(2 * BLOCK_KEYS * (size)))

/// The rows `firstRow` to `endRow`, at most FLASH_GROUP_ROWS, of a key head whose queries begin at `queries`.
static void load_tiles(
    row_tiles *group, const attention_shape *shape, attention_order order, const jm_stored *queries, int firstRow,
    int endRow, float scale, float *scratch) {
    const int size = shape->headSize;
    group->scores = scratch;
    group->space = scratch + BLOCK_KEYS * JM_TILE_LANES + 2 * FLASH_GROUP_ROWS * size;
    group->count = 0;
    group->start = shape->keyLength;
    group->end = 0;
    for (int row = firstRow; row < endRow; row += JM_TILE_LANES) {
        query_tile *tile = &group->tiles[group->count];
        tile->rows = endRow - row < JM_TILE_LANES ? endRow - row : JM_TILE_LANES;
        tile->queries = scratch + BLOCK_KEYS * JM_TILE_LANES + 2 * group->count * JM_TILE_LANES * size;
        tile->output = tile->queries + JM_TILE_LANES * size;
        load_queries(tile, shape, order, queries, row, scale * 1.44269504f);  // log2 e
        if (tile->start < group->start) group->start = tile->start;
        if (tile->end > group->end) group->end = tile->end;
        group->count++;
    }
}

/// Takes the keys `first` to `end`, at most BLOCK_KEYS, in hand: as floats once for all tiles. A conversion costs 1/48
/// of the multiply-adds that an element takes part in.
static inline void load_block(
    row_tiles *group, const jm_stored *keys, const jm_stored *values, int size, int first, int end) {
    const size_t count = (size_t)((end - first) * size);
    group->firstKey = first;
    group->blockKeys = jm_in_floats(keys + (ptrdiff_t)first * size, count, group->space);
    group->blockValues = jm_in_floats(values + (ptrdiff_t)first * size, count, group->space + BLOCK_KEYS * size);
}

/// Keys `first` to `end` of the block at hand, for one tile.
static void attend_block(const row_tiles *group, query_tile *tile, int size, int first, int end, const row_mask *mask) {
    const float *keys = group->blockKeys + (first - group->firstKey) * size;
    const float *values = group->blockValues + (first - group->firstKey) * size;
    switch (vectors_of(tile)) {
        case 1:
            tile_block(1, tile, keys, values, size, first, end, mask, group->scores);
            break;
#if JM_TILE_VECTORS > 2
        case 2:
            tile_block(2, tile, keys, values, size, first, end, mask, group->scores);
            break;
#endif
        default:
            tile_block(JM_TILE_VECTORS, tile, keys, values, size, first, end, mask, group->scores);
            break;
    }
}

/// Keys `first` to `end`, where rows see them, for all tiles.
static inline void attend_tiles(
    row_tiles *group, const jm_stored *keys, const jm_stored *values, int size, int first, int end) {
    first = first > group->start ? first : group->start;
    end = end < group->end ? end : group->end;
    for (int block = first; block < end; block += BLOCK_KEYS) {
        const int blockEnd = block + BLOCK_KEYS < end ? block + BLOCK_KEYS : end;
        load_block(group, keys, values, size, block, blockEnd);
        for (query_tile *tile = group->tiles; tile < group->tiles + group->count; tile++) {
            const int from = block > tile->start ? block : tile->start;
            const int to = blockEnd < tile->end ? blockEnd : tile->end;
            if (from < to) attend_block(group, tile, size, from, to, NULL);
        }
    }
}

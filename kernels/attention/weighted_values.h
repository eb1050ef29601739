// Weights times values by work-groups of 128 rows. Include after joulemark_tile.h and attention.h.
//
// o = weights · v. The values of BLOCK_KEYS keys are copied into panels of as many columns as a tile has: one panel (12
// KiB with AVX2) stays in L1 while all rows of the work-group go by, beside the weights of a tile, which lie in rows a
// power of two apart and so take four ways of a few sets. The copy costs 1/60 of the multiply-adds. The block's weights
// (64 KiB) come from memory with the first panel and from L2 with the others.
//
// Operations a cycle and core of Zen 3 (32 at most), 1024 × 1024 weights, D = 64 and 128: 25.8 and 26.1; 25.7 and 20 to
// 26 with twice the rows or keys; 24.7 and 18.2 without panels; 24.2 and 26.5 with weights copied into tiles too.
#define BLOCK_KEYS 128
#define VALUE_ROWS 8  // as in the stage `softmax`

#define pack_values JM(pack_values)
#define weighted_tile JM(weighted_tile)
#define weighted_panel JM(weighted_panel)
#define weighted_values JM(weighted_values)

/// Columns of values and of the output, whole vectors.
#undef VALUE_COLUMNS
#define VALUE_COLUMNS(size) (((size) + JM_LANES - 1) / JM_LANES * JM_LANES)

/// Floats of scratch memory: the output, then the panels.
#undef WEIGHTED_FLOATS
#define WEIGHTED_FLOATS(size) ((size_t)(VALUE_GROUP_ROWS + BLOCK_KEYS) * (size_t)VALUE_COLUMNS(size))

/// `count` keys' values as [panel][key][column], zeros in the last vector's place beyond `size`.
JM_INLINE void pack_values(const jm_stored *values, int size, int count, float *panels) {
    for (int d = 0; d < size;) {
        const int vectors = jm_panel_vectors((size - d + JM_LANES - 1) / JM_LANES);
        for (int key = 0; key < count; key++) {
            for (int v = 0; v < vectors; v++, panels += JM_LANES) {
                const int first = d + v * JM_LANES;
                jm_store(panels, jm_read_some(values + (ptrdiff_t)key * size + first, size - first));
            }
        }
        d += vectors * JM_LANES;
    }
}

/// output += weights of `count` keys times a panel's rows.
JM_INLINE void weighted_tile(
    const int rows, const int vectors, const float *weights, ptrdiff_t stride, const float *panel, int count,
    float *output, int columns) {
    jm_vec sums[JM_TILE_ROWS * JM_TILE_VECTORS];
    jm_tile_clear(rows, vectors, sums);
    jm_tile_product(rows, vectors, weights, stride, 1, panel, vectors * JM_LANES, count, sums);
    JM_UNROLL for (int row = 0; row < rows; row++) {
        JM_UNROLL for (int v = 0; v < vectors; v++) {
            float *to = output + row * columns + v * JM_LANES;
            jm_store(to, jm_load(to) + sums[row * vectors + v]);
        }
    }
}

/// The keys `block` to `blockEnd` of all rows of a work-group, for the columns of a panel. `weights` and `output` are
/// the first row's. Rows are visited in groups of VALUE_ROWS, over the keys that any row of the group sees.
JM_INLINE void weighted_panel(
    const int vectors, const attention_shape *shape, int firstRow, int endRow, int block, int blockEnd,
    const float *weights, const float *panel, float *output, int columns) {
    for (int row = firstRow; row < endRow;) {
        const int rows = endRow - row >= JM_TILE_ROWS ? JM_TILE_ROWS : 1;
        const int groupFirst = row / VALUE_ROWS * VALUE_ROWS;
        const int groupLast = attention_clamp(groupFirst + VALUE_ROWS - 1, 0, shape->queryLength - 1);
        const int groupStart = attention_visible_start(shape, groupFirst);
        const int groupEnd = attention_visible_end(shape, groupLast);
        const int first = block > groupStart ? block : groupStart, last = blockEnd < groupEnd ? blockEnd : groupEnd;
        if (first < last) {
            const float *left = weights + (ptrdiff_t)(row - firstRow) * shape->keyLength + first;
            const float *right = panel + (first - block) * vectors * JM_LANES;
            float *to = output + (row - firstRow) * columns;
            if (rows == 1) weighted_tile(1, vectors, left, 0, right, last - first, to, columns);
            else weighted_tile(JM_TILE_ROWS, vectors, left, shape->keyLength, right, last - first, to, columns);
        }
        row += rows;
    }
}

/// The work-group (x, y) of the stage `values`. `sums` is NULL, or the sums of weights that rows are still to be
/// divided by.
JM_INLINE void weighted_values(const joulemark_call *call, uint32_t x, uint32_t y, const float *sums, float *scratch) {
    const attention_shape shape = attention_shape_of(call);
    const int size = shape.headSize, columns = VALUE_COLUMNS(size);
    const int firstRow = (int)(call->workGroups[0] - 1 - x) * VALUE_GROUP_ROWS;
    const int endRow = attention_clamp(firstRow + VALUE_GROUP_ROWS, 0, shape.queryLength);
    const ptrdiff_t place = (ptrdiff_t)y * shape.queryLength + firstRow;
    const float *weights = jm_tensors_of(call)->scores + place * shape.keyLength;
    const jm_stored *values = jm_tensors_of(call)->v + (ptrdiff_t)(y / (uint32_t)shape.group) * shape.keyLength * size;
    jm_stored *result = jm_tensors_of(call)->o + place * size;
    float *output = scratch, *panels = output + VALUE_GROUP_ROWS * columns;

    const int start = attention_visible_start(&shape, firstRow), end = attention_visible_end(&shape, endRow - 1);
    for (int i = 0; i < (endRow - firstRow) * columns; i++) output[i] = 0;
    for (int block = start; block < end; block += BLOCK_KEYS) {
        const int blockEnd = end - block < BLOCK_KEYS ? end : block + BLOCK_KEYS, count = blockEnd - block;
        pack_values(values + (ptrdiff_t)block * size, size, count, panels);
        const float *panel = panels;
        for (int d = 0; d < columns;) {
            const int vectors = jm_panel_vectors((columns - d) / JM_LANES);
            float *to = output + d;
            if (vectors == JM_TILE_VECTORS)
                weighted_panel(JM_TILE_VECTORS, &shape, firstRow, endRow, block, blockEnd, weights, panel, to, columns);
            else if (vectors == 2)
                weighted_panel(2, &shape, firstRow, endRow, block, blockEnd, weights, panel, to, columns);
            else weighted_panel(1, &shape, firstRow, endRow, block, blockEnd, weights, panel, to, columns);
            panel += count * vectors * JM_LANES;
            d += vectors * JM_LANES;
        }
    }
    for (int row = firstRow; row < endRow; row++) {
        float *line = output + (row - firstRow) * columns;
        if (sums) {
            const float sum = sums[place + row - firstRow], factor = sum > 0 ? 1.0f / sum : 0.0f;
            for (int d = 0; d < columns; d++) line[d] *= factor;
        }
        jm_narrow(result + (ptrdiff_t)(row - firstRow) * size, line, (size_t)size);
    }
}

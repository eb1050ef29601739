#include "matmul/q4/product.bindings.h"
#include "joulemark_tile.h"
#include "joulemark_product.h"

// Many rows: blocks of weights become panels of float32 as they are packed, about 1/4 of a cycle a weight, and the rest
// is the product of any other floats. One row: weights stay as they are. A vector of words holds 8 weights a lane; a
// mask leaves each lane one weight, at its place in the word, so that it converts to the integer times a power of 16,
// which the activations, ordered alike, have been divided by: 3 operations for a vector of weights, no shifts. The 8
// that every weight is too large by is taken off once a block, as −8 times the sum of its activations.
#define WORD 8    // weights in a word
#define BLOCK 32  // weights that share a scale

#define word_vec JM(word_vec)
#define loose_words JM(loose_words)
#define pack_blocks JM(pack_blocks)
#define order_activations JM(order_activations)
#define word_sums JM(word_sums)
#define column_sum JM(column_sum)
#define block_product JM(block_product)
#define row_product JM(row_product)

typedef uint32_t word_vec __attribute__((vector_size(4 * JM_LANES)));
typedef uint32_t loose_words __attribute__((vector_size(4 * JM_LANES), aligned(4)));

/// `depth` weights of each column of a group as panels of float32: [panel][step][column]. The last column fills the
/// last vector.
static void pack_blocks(
    const uint32_t *words, const jm_stored *scales, int totalDepth, int first, int depth, jm_column_group group,
    float *packed) {
    const ptrdiff_t wordStride = totalDepth / WORD, scaleStride = totalDepth / BLOCK;
    int panel = 0, vectors = jm_panel_vectors(group.stride / JM_LANES);
    for (int column = 0; column < group.stride; column += JM_LANES) {
        if (column == panel + vectors * JM_LANES) {
            panel = column;
            vectors = jm_panel_vectors((group.stride - panel) / JM_LANES);
        }
        const int width = vectors * JM_LANES;
        float *to = packed + (ptrdiff_t)panel * depth + (column - panel);
        ptrdiff_t place[JM_LANES];
        JM_UNROLL for (int lane = 0; lane < JM_LANES; lane++)
            place[lane] = group.first + (column + lane < group.count ? column + lane : group.count - 1);
        for (int block = first / BLOCK; block < (first + depth) / BLOCK; block++) {
            jm_vec scale;
            JM_UNROLL for (int lane = 0; lane < JM_LANES; lane++)
                scale[lane] = jm_read_one(scales + place[lane] * scaleStride + block);
            const jm_vec zero = scale * -8.0f;
            for (int word = block * (BLOCK / WORD); word < (block + 1) * (BLOCK / WORD); word++) {
                word_vec bits;
                JM_UNROLL for (int lane = 0; lane < JM_LANES; lane++)
                    bits[lane] = words[place[lane] * wordStride + word];
                JM_UNROLL for (int i = 0; i < WORD; i++, to += width) {
                    const jm_ivec weight = (jm_ivec)(bits >> (uint32_t)(4 * i) & 15u);
                    jm_store(to, __builtin_convertvector(weight, jm_vec) * scale + zero);
                }
            }
        }
    }
}

/// The activations of each JM_LANES words in the order of `column_sum`, [place in the word][lane], and, in the vector
/// after these, −8 times the sum of each lane's. Beyond `depth` they are zero.
static void order_activations(const jm_stored *row, int depth, float *ordered) {
    for (int first = 0; first < depth; first += WORD * JM_LANES, ordered += (WORD + 1) * JM_LANES) {
        for (int lane = 0; lane < JM_LANES; lane++) {
            float sum = 0, factor = 1;
            for (int i = 0; i < WORD; i++, factor *= 0.0625f) {
                const int step = first + lane * WORD + i;
                const float activation = step < depth ? jm_read_one(row + step) : 0;
                sum += activation;
                ordered[i * JM_LANES + lane] = i == WORD - 1 ? activation : activation * factor;
            }
            ordered[WORD * JM_LANES + lane] = -8 * sum;
        }
    }
}

/// Σ activation · (weight − 8) over each lane's word.
JM_INLINE jm_vec word_sums(word_vec bits, const float *ordered) {
    jm_vec even = jm_load(ordered + WORD * JM_LANES), odd = (jm_vec){0};
    JM_UNROLL for (int i = 0; i < WORD; i++) {
        const word_vec weight = i == WORD - 1 ? bits >> 28u : bits & 15u << (4 * i);
        const jm_vec value = __builtin_convertvector((jm_ivec)weight, jm_vec);
        if (i % 2 == 0) even += value * jm_load(ordered + i * JM_LANES);
        else odd += value * jm_load(ordered + i * JM_LANES);
    }
    return even + odd;
}

/// One element of the output: each lane's sums times its block's scale.
JM_INLINE float column_sum(const uint32_t *words, const jm_stored *scales, int depth, const float *ordered) {
    jm_vec total = (jm_vec){0};
    int first = 0;
    for (; first + WORD * JM_LANES <= depth; first += WORD * JM_LANES, ordered += (WORD + 1) * JM_LANES) {
        jm_vec scale;
        JM_UNROLL for (int lane = 0; lane < JM_LANES; lane++)
            scale[lane] = jm_read_one(scales + first / BLOCK + lane / (BLOCK / WORD));
        total += word_sums(*(const loose_words *)(words + first / WORD), ordered) * scale;
    }
    if (first < depth) {
        word_vec bits = (word_vec){0};
        jm_vec scale = (jm_vec){0};
        for (int lane = 0; lane < (depth - first) / WORD; lane++) {
            bits[lane] = words[first / WORD + lane];
            scale[lane] = jm_read_one(scales + first / BLOCK + lane / (BLOCK / WORD));
        }
        total += word_sums(bits, ordered) * scale;
    }
    return jm_horizontal_sum(total);
}

static void block_product(
    const joulemark_call *call, const jm_stored *a, int count, int depth, jm_column_group group, float *scratch) {
    float *sums = scratch, *packedRows = sums + (ptrdiff_t)GROUP_ROWS * group.stride;
    const int blockRows = jm_block_rows(call);
    float *packedColumns = packedRows + (ptrdiff_t)blockRows * JM_DEPTH;
    const jm_stored *rows[GROUP_ROWS];
    for (int row = 0; row < count; row++) rows[row] = a + (ptrdiff_t)row * depth;
    for (int step = 0; step < depth; step += JM_DEPTH) {
        const int steps = depth - step < JM_DEPTH ? depth - step : JM_DEPTH;
        pack_blocks(
            (const uint32_t *)jm_tensors_of(call)->b_q4, jm_tensors_of(call)->b_q4_scales, depth, step, steps, group,
            packedColumns);
        for (int row = 0; row < count; row += blockRows) {
            const int block = count - row < blockRows ? count - row : blockRows;
            jm_pack_rows(rows + row, block, step, steps, packedRows);
            jm_multiply_packed(
                packedRows, block, packedColumns, group.stride, steps, step == 0, sums + (ptrdiff_t)row * group.stride);
        }
    }
}

static void row_product(
    const joulemark_call *call, const jm_stored *row, int depth, jm_column_group group, float *ordered,
    jm_stored *output) {
    const uint32_t *words = (const uint32_t *)jm_tensors_of(call)->b_q4 + (ptrdiff_t)group.first * (depth / WORD);
    const jm_stored *scales = jm_tensors_of(call)->b_q4_scales + (ptrdiff_t)group.first * (depth / BLOCK);
    order_activations(row, depth, ordered);
    for (int column = 0; column < group.count; column++, words += depth / WORD, scales += depth / BLOCK)
        jm_write_one(output + column, column_sum(words, scales, depth, ordered));
}

#define SCRATCH_FLOATS                                                                                                 \
    (jm_product_floats(call, jm_arguments_of(call)->N, call->workGroups[0], 1)                                         \
     + ((size_t)jm_arguments_of(call)->K + WORD * JM_LANES) / WORD * (WORD + 1))

JOULEMARK_STAGE(4 * SCRATCH_FLOATS) {
    const int rowCount = jm_arguments_of(call)->M, columns = jm_arguments_of(call)->N;
    const int depth = jm_arguments_of(call)->K;
    const jm_column_group group = jm_column_group_of(JM_TILE_LANES, JM_LANES, columns, x, call->workGroups[0]);
    if (group.count == 0) return;
    const int firstRow = (int)y * GROUP_ROWS;
    const int count = rowCount - firstRow < GROUP_ROWS ? rowCount - firstRow : GROUP_ROWS;
    const jm_stored *a = jm_tensors_of(call)->a + (ptrdiff_t)firstRow * depth;
    jm_stored *c = jm_tensors_of(call)->c + (ptrdiff_t)firstRow * columns + group.first;
    if (count == 1) {
        row_product(call, a, depth, group, scratch, c);
        return;
    }
    block_product(call, a, count, depth, group, scratch);
    for (int row = 0; row < count; row++)
        jm_narrow(
            c + (ptrdiff_t)row * columns, (const float *)scratch + (ptrdiff_t)row * group.stride, (size_t)group.count);
}

#include "matmul/q8/product.bindings.h"
#include "joulemark_tile.h"
#include "joulemark_product.h"
#include "joulemark_integer.h"

// Integers are multiplied as pairs of 16 bits: one instruction (pmaddwd) multiplies 2 · JM_LANES of them and adds
// neighbours, twice the multiply-adds of a float32 vector, exact in 32 bits up to a depth of 131072. Four rows × two
// vectors of sums leave registers for the products, which have no fused addition before VNNI: 16 pairs of instructions
// for 12 loads a step and row pair. Products of 8 bits with each other (pmaddubsw) take a sign apart from every operand
// and are no faster.
#define LANES (2 * JM_LANES)
#define DEPTH_WORDS 128  // words of four that are packed at a time: a panel takes 2 · 128 · 16 · 4 = 16 KiB with AVX2

#define byte_vec JM(byte_vec)
#define loose_bytes JM(loose_bytes)
#define low_pair JM(low_pair)
#define high_pair JM(high_pair)
#define pack_rows JM(pack_rows)
#define pack_columns JM(pack_columns)
#define multiply_packed JM(multiply_packed)
#define block_product JM(block_product)
#define row_product JM(row_product)

typedef int8_t byte_vec __attribute__((vector_size(2 * JM_LANES)));
typedef int8_t loose_bytes __attribute__((vector_size(2 * JM_LANES), aligned(1)));

/// The first two and the last two of a word's four integers, as 16 bits each.
static inline int32_t low_pair(int32_t word) {
    return (int32_t)((uint32_t)(int32_t)(int8_t)word & 0xFFFF) | (int32_t)((uint32_t)(int8_t)(word >> 8) << 16);
}

static inline int32_t high_pair(int32_t word) { return low_pair(word >> 16); }

/// Words of `count` rows as [group of JM_TILE_ROWS][pair][row]. The last row fills the last group.
static void pack_rows(const int32_t *rows, ptrdiff_t stride, int count, int words, int32_t *packed) {
    for (int group = 0; group < count; group += JM_TILE_ROWS, packed += (ptrdiff_t)2 * words * JM_TILE_ROWS) {
        for (int i = 0; i < JM_TILE_ROWS; i++) {
            const int32_t *from = rows + (group + i < count ? group + i : count - 1) * stride;
            for (int word = 0; word < words; word++) {
                packed[2 * word * JM_TILE_ROWS + i] = low_pair(from[word]);
                packed[(2 * word + 1) * JM_TILE_ROWS + i] = high_pair(from[word]);
            }
        }
    }
}

/// Words of the group's columns as [panel][pair][column]. The last column fills the last panel.
static void pack_columns(const int32_t *columns, ptrdiff_t stride, int words, jm_column_group group, int32_t *packed) {
    for (int column = 0; column < group.stride; column += JM_LANES) {
        int32_t *to = packed + (ptrdiff_t)(column / LANES) * 2 * words * LANES + column % LANES;
        const int32_t *from[JM_LANES];
        JM_UNROLL for (int lane = 0; lane < JM_LANES; lane++)
            from[lane] = columns + (column + lane < group.count ? column + lane : group.count - 1) * stride;
        for (int word = 0; word < words; word++, to += 2 * LANES) {
            jm_word_vec bits;
            JM_UNROLL for (int lane = 0; lane < JM_LANES; lane++) bits[lane] = from[lane][word];
            *(jm_loose_words *)to = (bits << 24 >> 24 & 0xFFFF) | bits << 16 >> 24 << 16;
            *(jm_loose_words *)(to + LANES) = (bits << 8 >> 24 & 0xFFFF) | bits >> 24 << 16;
        }
    }
}

/// sums += packed rows · packed columns, in integers.
static void multiply_packed(
    const int32_t *rows, int count, const int32_t *columns, int panels, int pairs, int isFirst, int32_t *sums) {
    const ptrdiff_t stride = (ptrdiff_t)panels * LANES;
    for (int panel = 0; panel < panels; panel++) {
        for (int row = 0; row < count; row += JM_TILE_ROWS) {
            const int32_t *left = rows + (ptrdiff_t)row * pairs;
            const int32_t *right = columns + (ptrdiff_t)panel * pairs * LANES;
            jm_word_vec tile[JM_TILE_ROWS][2];
            JM_UNROLL for (int i = 0; i < JM_TILE_ROWS; i++) tile[i][0] = tile[i][1] = (jm_word_vec){0};
            for (int pair = 0; pair < pairs; pair++, left += JM_TILE_ROWS, right += LANES) {
                const jm_word_vec b0 = *(const jm_loose_words *)right, b1 = *(const jm_loose_words *)(right + JM_LANES);
                JM_UNROLL for (int i = 0; i < JM_TILE_ROWS; i++) {
                    const jm_word_vec a = left[i] - (jm_word_vec){0};
                    tile[i][0] += jm_pair_products(a, b0);
                    tile[i][1] += jm_pair_products(a, b1);
                    JM_IN_ORDER(left, tile[i][0]);
                    JM_IN_ORDER(left, tile[i][1]);
                }
            }
            int32_t *to = sums + row * stride + panel * LANES;
            JM_UNROLL for (int i = 0; i < JM_TILE_ROWS; i++) {
                JM_UNROLL for (int v = 0; v < 2; v++) {
                    jm_loose_words *place = (jm_loose_words *)(to + i * stride + v * JM_LANES);
                    *place = isFirst ? tile[i][v] : *place + tile[i][v];
                }
            }
        }
    }
}

static void block_product(
    const joulemark_call *call, int firstRow, int count, int depth, jm_column_group group, int32_t *scratch) {
    const int columns = jm_arguments_of(call)->N;
    const ptrdiff_t stride = depth / 4;
    const int32_t *a = jm_tensors_of(call)->a_q8 + firstRow * stride;
    const int32_t *b = jm_tensors_of(call)->b_q8 + group.first * stride;
    int32_t *sums = scratch, *packedRows = sums + (ptrdiff_t)GROUP_ROWS * group.stride;
    const int blockRows = jm_block_rows(call);
    int32_t *packedColumns = packedRows + (ptrdiff_t)blockRows * 2 * DEPTH_WORDS;
    for (int word = 0; word < stride; word += DEPTH_WORDS) {
        const int words = (int)stride - word < DEPTH_WORDS ? (int)stride - word : DEPTH_WORDS;
        pack_columns(b + word, stride, words, group, packedColumns);
        for (int row = 0; row < count; row += blockRows) {
            const int block = count - row < blockRows ? count - row : blockRows;
            pack_rows(a + word + row * stride, stride, block, words, packedRows);
            multiply_packed(
                packedRows, block, packedColumns, group.stride / LANES, 2 * words, word == 0,
                sums + (ptrdiff_t)row * group.stride);
        }
    }
    const jm_stored *rowScales = jm_tensors_of(call)->a_q8_scales + firstRow;
    const jm_stored *columnScales = jm_tensors_of(call)->b_q8_scales + group.first;
    for (int row = 0; row < count; row++) {
        jm_stored *output = jm_tensors_of(call)->c + (ptrdiff_t)(firstRow + row) * columns + group.first;
        const int32_t *from = sums + (ptrdiff_t)row * group.stride;
        for (int column = 0; column < group.count; column++)
            jm_write_one(
                output + column,
                (float)from[column] * (jm_read_one(rowScales + row) * jm_read_one(columnScales + column)));
    }
}

/// One row: a column is read once, widened on its way.
static void row_product(const joulemark_call *call, int row, int depth, jm_column_group group, int16_t *widened) {
    const int8_t *a = (const int8_t *)jm_tensors_of(call)->a_q8 + (ptrdiff_t)row * depth;
    const int8_t *b = (const int8_t *)jm_tensors_of(call)->b_q8 + (ptrdiff_t)group.first * depth;
    const float scale = jm_read_one(jm_tensors_of(call)->a_q8_scales + row);
    const jm_stored *scales = jm_tensors_of(call)->b_q8_scales + group.first;
    jm_stored *output = jm_tensors_of(call)->c + (ptrdiff_t)row * jm_arguments_of(call)->N + group.first;
    for (int step = 0; step < depth; step++) widened[step] = a[step];
    for (int column = 0; column < group.count; column++, b += depth) {
        jm_word_vec sum = (jm_word_vec){0};
        for (int step = 0; step < depth; step += LANES) {
            const byte_vec bytes = *(const loose_bytes *)(b + step);
            const jm_word_vec right = (jm_word_vec) __builtin_convertvector(bytes, jm_short_vec);
            sum += jm_pair_products(*(const jm_loose_words *)(widened + step), right);
        }
        int32_t total = 0;
        JM_UNROLL for (int lane = 0; lane < JM_LANES; lane++) total += sum[lane];
        jm_write_one(output + column, (float)total * (scale * jm_read_one(scales + column)));
    }
}

#define SCRATCH_WORDS                                                                                                  \
    (((size_t)GROUP_ROWS + 2 * DEPTH_WORDS)                                                                            \
         * ((((size_t)jm_arguments_of(call)->N + LANES - 1) / LANES + call->workGroups[0] - 1) / call->workGroups[0]   \
            * LANES)                                                                                                   \
     + (size_t)jm_block_rows(call) * 2 * DEPTH_WORDS + (size_t)jm_arguments_of(call)->K)

JOULEMARK_STAGE(4 * SCRATCH_WORDS) {
    const int rowCount = jm_arguments_of(call)->M, columns = jm_arguments_of(call)->N;
    const int depth = jm_arguments_of(call)->K;
    const jm_column_group group = jm_column_group_of(LANES, LANES, columns, x, call->workGroups[0]);
    if (group.count == 0) return;
    const int firstRow = (int)y * GROUP_ROWS;
    const int count = rowCount - firstRow < GROUP_ROWS ? rowCount - firstRow : GROUP_ROWS;
    if (count == 1) row_product(call, firstRow, depth, group, scratch);
    else block_product(call, firstRow, count, depth, group, scratch);
}

// c = a · b in 8-bit integers, four a word along the depth in both operands, times a scale a row and one a column. The
// variants with DOT4 multiply words by an instruction. Without it the integers become floats on their way to local
// memory: 32 of their products, each at most 127², sum exactly in a float, and are then added as an integer.
#define DEPTH 32
#include "../../opencl/products.cl"

#include "../../opencl/dot4.cl"

#if SINGLE_ROW

#define COLUMNS 4

// A work-group of 64 has four columns; a work-item takes every 64th run of 16 integers of each.
JOULEMARK_STAGE {
    __local int4 partial[64];
    const int item = get_local_id(0), column0 = get_group_id(0) * COLUMNS, runs = K / 16;
    int sums[COLUMNS] = {0, 0, 0, 0};
    for (int run = item; run < runs; run += 64) {
        const uint4 left = as_uint4(vload4(run, a_q8));
#pragma unroll
        for (int n = 0; n < COLUMNS; ++n) {
            const uint4 right = as_uint4(vload4((size_t)min(column0 + n, N - 1) * runs + run, b_q8));
            sums[n] = dot4(left.x, right.x, sums[n]);
            sums[n] = dot4(left.y, right.y, sums[n]);
            sums[n] = dot4(left.z, right.z, sums[n]);
            sums[n] = dot4(left.w, right.w, sums[n]);
        }
    }
    partial[item] = (int4)(sums[0], sums[1], sums[2], sums[3]);
    for (int distance = 32; distance > 0; distance /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (item < distance) partial[item] += partial[item + distance];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    if (item < COLUMNS && column0 + item < N) {
        const float scale = LOAD1(a_q8_scales, 0) * LOAD1(b_q8_scales, column0 + item);
        STORE1(c, column0 + item, (float)((__local const int *)partial)[item] * scale);
    }
}

#else

#ifdef DOT4
typedef uint operand;
#define STEPS (DEPTH / 4)
#else
typedef float operand;
#define STEPS DEPTH
#endif

// Eight words of each of `count` rows or columns, `size` of them in a tile, as tile[step][row]; what lies outside is 0.
static inline void load_words(
    __local operand *tile, int size, __global const int *from, int stride, int count, int item) {
    for (int i = item; i < size * (DEPTH / 4); i += 64) {
        const int row = i / (DEPTH / 4), word = i % (DEPTH / 4);
        const int four = row < count ? from[(size_t)row * stride + word] : 0;
#ifdef DOT4
        tile[word * size + row] = four;
#else
        const float4 values = convert_float4(as_char4(four));
        tile[4 * word * size + row] = values.x;
        tile[(4 * word + 1) * size + row] = values.y;
        tile[(4 * word + 2) * size + row] = values.z;
        tile[(4 * word + 3) * size + row] = values.w;
#endif
    }
}

static inline void multiply_words(int8 sums[ROWS], __local const operand *left, __local const operand *right, int x) {
#ifdef DOT4
    for (int step = 0; step < STEPS; ++step) {
        __local const uint *columns = right + step * TILE_COLUMNS;
        const uint4 low = *(__local const uint4 *)(columns + COLUMN(x, 0));
        const uint4 high = *(__local const uint4 *)(columns + COLUMN(x, 4));
#pragma unroll
        for (int r = 0; r < ROWS; ++r) {
            const uint row = left[step * TILE_ROWS + r];
            sums[r].s0 = dot4(row, low.x, sums[r].s0);
            sums[r].s1 = dot4(row, low.y, sums[r].s1);
            sums[r].s2 = dot4(row, low.z, sums[r].s2);
            sums[r].s3 = dot4(row, low.w, sums[r].s3);
            sums[r].s4 = dot4(row, high.x, sums[r].s4);
            sums[r].s5 = dot4(row, high.y, sums[r].s5);
            sums[r].s6 = dot4(row, high.z, sums[r].s6);
            sums[r].s7 = dot4(row, high.w, sums[r].s7);
        }
    }
#else
    float8 products[ROWS];
    clear_tiles(products);
    multiply_tiles(products, left, right, TILE_COLUMNS, STEPS, x);
#pragma unroll
    for (int r = 0; r < ROWS; ++r) sums[r] += convert_int8(products[r]);
#endif
}

JOULEMARK_STAGE {
    __local operand rowTile[STEPS * TILE_ROWS] __attribute__((aligned(32)));
    __local operand columnTile[STEPS * TILE_COLUMNS] __attribute__((aligned(32)));
    const int column0 = get_group_id(0) * TILE_COLUMNS, row0 = get_group_id(1) * TILE_ROWS, words = K / 4;
    const int x = get_local_id(0), y = get_local_id(1), item = 8 * y + x;
    a_q8 += (size_t)row0 * words;
    b_q8 += (size_t)column0 * words;
    int8 sums[ROWS];
#pragma unroll
    for (int r = 0; r < ROWS; ++r) sums[r] = (int8)(0);
    for (int word = 0; word < words; word += DEPTH / 4) {
        load_words(rowTile, TILE_ROWS, a_q8 + word, words, M - row0, item);
        load_words(columnTile, TILE_COLUMNS, b_q8 + word, words, N - column0, item);
        barrier(CLK_LOCAL_MEM_FENCE);
        multiply_words(sums, rowTile + y * ROWS, columnTile, x);
        barrier(CLK_LOCAL_MEM_FENCE);
    }

    float scales[8];
    for (int e = 0; e < 8; ++e)
        scales[e] = column0 + COLUMN(x, e) < N ? LOAD1(b_q8_scales, column0 + COLUMN(x, e)) : 0.0f;
    const float8 columnScale = vload8(0, scales);
#pragma unroll
    for (int r = 0; r < ROWS; ++r) {
        const int row = row0 + y * ROWS + r;
        if (row < M) {
            const float8 values = convert_float8(sums[r]) * (columnScale * LOAD1(a_q8_scales, row));
            store_row(c + (size_t)row * N + column0, x, values, N - column0);
        }
    }
}

#endif

// The matrix products of the stages that work on chunks. A work-group of 8 × 8 computes a tile of 8·ROWS by 64, a
// work-item ROWS neighbouring rows by 8 columns: two groups of four, 32 apart. Operands go through shared memory DEPTH
// at a time. Include after ROWS is declared.

const int DEPTH = 16;
const int TILE_ROWS = 8 * ROWS;
const int COLUMNS = 16;  // vectors of four across a tile
const int PACKS = ROWS / 4;

shared vec4 leftTile[DEPTH * TILE_ROWS / 4];  // [depth][row]
shared vec4 rightTile[DEPTH * COLUMNS];       // [depth][column]

// Elements `column` to `column` + 3 of the row of `count` that starts at `row`, zeros past its end;
// `load` makes floats of them.
#define LOAD_WITHIN(load, tensor, row, column, count)                                                                        \
    vec4((column) < (count) ? load(tensor[(row) + (column)]) : 0.0,                                                   \
         (column) + 1 < (count) ? load(tensor[(row) + (column) + 1]) : 0.0,                                           \
         (column) + 2 < (count) ? load(tensor[(row) + (column) + 2]) : 0.0,                                           \
         (column) + 3 < (count) ? load(tensor[(row) + (column) + 3]) : 0.0)

// Stores those of four elements that lie within a row of `count`. The bound is no part of the loop: drivers would not
// unroll it, and a vector that a variable indexes lies in memory.
#define STORE_WITHIN(tensor, store, row, column, count, value)                                                          \
    [[unroll]] for (int e = 0; e < 4; ++e)                                                                               \
        if ((column) + e < (count)) tensor[(row) + (column) + e] = store((value)[e])

// leftTile = rows' states n0 …, a group of four of a row a work-item at a time, turned round; rows past `count` are 0.
#define STAGE_LEFT_STATES(tensor, base, stride, n0, count)                                                             \
    for (int i = item; i < TILE_ROWS * (DEPTH / 4); i += 64) {                                                         \
        const int row = i / (DEPTH / 4), d = i % (DEPTH / 4) * 4;                                                      \
        const vec4 values =                                                                                            \
            row < (count) ? LOAD_WITHIN(LOAD, tensor, (base) + row * (stride), (n0) + d, N) : vec4(0.0);                     \
        [[unroll]] for (int e = 0; e < 4; ++e) leftTile[((d + e) * TILE_ROWS + row) / 4][row % 4] = values[e];                    \
    }

// rightTile = 64 rows' states, as above.
#define STAGE_RIGHT_STATES(tensor, base, stride, n0, count)                                                            \
    for (int i = item; i < 64 * (DEPTH / 4); i += 64) {                                                                \
        const int row = i / (DEPTH / 4), d = i % (DEPTH / 4) * 4;                                                      \
        const vec4 values =                                                                                            \
            row < (count) ? LOAD_WITHIN(LOAD, tensor, (base) + row * (stride), (n0) + d, N) : vec4(0.0);                     \
        [[unroll]] for (int e = 0; e < 4; ++e) rightTile[(d + e) * COLUMNS + row / 4][row % 4] = values[e];                       \
    }

// Adds the product of DEPTH rows of `left`, from `base` on, and of rightTile to a work-item's sums, two vectors a row.
// A macro, because a function takes no array whose size is a specialisation constant.
#define MULTIPLY_TILES(products, left, base)                                                                           \
    for (int d = 0; d < DEPTH; ++d) {                                                                                  \
        vec4 own[PACKS];                                                                                               \
        [[unroll]] for (int pack = 0; pack < PACKS; ++pack)                                                            \
            own[pack] = left[((base) + d) * (TILE_ROWS / 4) + y * PACKS + pack];                                       \
        const vec4 near = rightTile[d * COLUMNS + x], far = rightTile[d * COLUMNS + x + 8];                            \
        [[unroll]] for (int r = 0; r < ROWS; ++r) {                                                                    \
            products[2 * r] += own[r / 4][r % 4] * near;                                                               \
            products[2 * r + 1] += own[r / 4][r % 4] * far;                                                            \
        }                                                                                                              \
    }

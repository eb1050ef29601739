// A layer: x + silu(x · w) for a tile of rows of the state. The stage says which TOKEN a row is, how many rows there
// are (ROW_COUNT), and whether a tile of which no token is left is passed over (PASSES_OVER): its work-items then go
// through the same barriers, over no depth, because PoCL crashes where a return that depends on memory precedes a
// barrier. Neighbouring work-groups are tiles of different rows: drivers for processors give each thread a stretch of
// neighbours, and the tiles that have nothing to do are the last rows'.
#include "../opencl/products.cl"
#include "../silu.cl"

#define EXIT_LAYER                                                                                                     \
    JOULEMARK_STAGE {                                                                                                  \
        __local float rowTile[DEPTH * TILE_ROWS] __attribute__((aligned(32)));                                         \
        __local float columnTile[DEPTH * TILE_COLUMNS] __attribute__((aligned(32)));                                   \
        __local int tilePlaces[TILE_ROWS];                                                                             \
        __local int isThere;                                                                                           \
        const int column0 = get_group_id(1) * TILE_COLUMNS, row0 = get_group_id(0) * TILE_ROWS, end = ROW_COUNT;       \
        const int itemX = get_local_id(0), itemY = get_local_id(1), item = 8 * itemY + itemX;                          \
        const size_t half_size = (size_t)T * D;                                                                        \
        __global const stored *before = state + (layer & 1) * half_size;                                               \
        __global stored *after = state + (~layer & 1) * half_size;                                                     \
        if (item == 0) isThere = !PASSES_OVER;                                                                         \
        barrier(CLK_LOCAL_MEM_FENCE);                                                                                  \
        for (int i = item; i < TILE_ROWS; i += 64) {                                                                   \
            const int row = row0 + i;                                                                                  \
            tilePlaces[i] = row < end ? row : -1;                                                                      \
            if (row < end && depth[TOKEN(row)] > layer) atomic_or(&isThere, 1);                                        \
        }                                                                                                              \
        barrier(CLK_LOCAL_MEM_FENCE);                                                                                  \
        float8 sums[ROWS];                                                                                             \
        for (int r = 0; r < ROWS; ++r) sums[r] = (float8)(0.0f);                                                       \
        const int steps = row0 < end && isThere ? D : 0;                                                               \
        multiply_streams(                                                                                              \
            sums, before, tilePlaces, D, w + (size_t)layer * D * D + column0, D, steps, D - column0, rowTile,          \
            columnTile);                                                                                               \
        for (int r = 0; r < ROWS; ++r) {                                                                               \
            const int row = row0 + itemY * ROWS + r;                                                                   \
            if (row >= end || steps == 0) continue;                                                                    \
            const int token = TOKEN(row), isLast = depth[token] == layer + 1;                                          \
            float elements[8];                                                                                         \
            vstore8(sums[r], 0, elements);                                                                             \
            for (int e = 0; e < 8; ++e) {                                                                              \
                const int column = column0 + COLUMN(itemX, e);                                                         \
                if (column >= D) continue;                                                                             \
                const float value = LOAD1(before, (size_t)row * D + column) + silu(elements[e]);                       \
                STORE1(after, (size_t)row *D + column, value);                                                         \
                if (isLast) STORE1(y, (size_t)token *D + column, value);                                               \
            }                                                                                                          \
        }                                                                                                              \
    }

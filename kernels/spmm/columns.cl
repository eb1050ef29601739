// The columns of b and c that a work-item has: COLUMNS of them, 8 where N allows and 1 otherwise. LANES work-items
// along x have COLUMNS * LANES columns together; along y lie ROWS = 64 / LANES rows, or parts of one.
//
// As in tiles.cl, the 8 columns are neighbours on a processor, and two groups of 4 on a GPU, so that the lanes read
// consecutive bytes. Lanes beyond the last column read the first and store nothing.
#include "../opencl/tiles.cl"

#if COLUMNS == 1
typedef float sums;
#define FIRST_COLUMN(lane, count) ((lane) < (count) ? (lane) : 0)
#define SECOND_COLUMN(lane, count) 0
#define LOAD_SUMS(pointer, first, second) LOAD1(pointer, first)
#define STORE_SUMS(pointer, lane, count, value)                                                                        \
    do {                                                                                                               \
        if ((lane) < (count)) STORE1(pointer, lane, value);                                                            \
    } while (0)
#elif defined(HOST_PROCESSOR)
typedef float8 sums;
#define FIRST_COLUMN(lane, count) (8 * (lane) < (count) ? 8 * (lane) : 0)
#define SECOND_COLUMN(lane, count) 0
#define LOAD_SUMS(pointer, first, second) LOAD8(pointer, first)
#define STORE_SUMS(pointer, lane, count, value)                                                                        \
    do {                                                                                                               \
        if (8 * (lane) < (count)) STORE8(pointer, 8 * (lane), value);                                                  \
    } while (0)
#else
typedef float8 sums;
#define FIRST_COLUMN(lane, count) (4 * (lane) < (count) ? 4 * (lane) : 0)
#define SECOND_COLUMN(lane, count) (4 * ((lane) + LANES) < (count) ? 4 * ((lane) + LANES) : 0)
#define LOAD_SUMS(pointer, first, second) (float8)(LOAD4_ALIGNED(pointer, first), LOAD4_ALIGNED(pointer, second))
#define STORE_SUMS(pointer, lane, count, value)                                                                        \
    do {                                                                                                               \
        if (4 * (lane) < (count)) STORE4_ALIGNED(pointer, 4 * (lane), (value).lo);                                     \
        if (4 * ((lane) + LANES) < (count)) STORE4_ALIGNED(pointer, 4 * ((lane) + LANES), (value).hi);                 \
    } while (0)
#endif

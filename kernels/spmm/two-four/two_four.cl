// A work-item has one row and its columns of b, and takes a word of sixteen places at a time: sixteen loads of b that
// wait for nothing but the word. With few columns, SLOTS work-items share a row's words and add their sums in local
// memory.
#include "../columns.cl"

JOULEMARK_STAGE {
    const int lane = get_local_id(0), slot = get_local_id(1) % SLOTS;
    const int row = get_group_id(0) * (ROWS / SLOTS) + get_local_id(1) / SLOTS;
    const int column = get_group_id(1) * (COLUMNS * LANES), count = N - column;
    const int first = FIRST_COLUMN(lane, count), second = SECOND_COLUMN(lane, count);
    const int size = K / 2, wordCount = (size + 15) / 16;

    sums sum = (sums)(0.0f);
    for (int word = slot; row < M && word < wordCount; word += SLOTS) {
        const uint places = (uint)a_two_four_indices[(size_t)row * wordCount + word];
        __global const stored *from = a_two_four_data + (size_t)row * size + word * 16;
        __global const stored *rows = b + (size_t)word * 32 * N + column;
        if (word * 16 + 16 <= size) {
#pragma unroll
            for (int i = 0; i < 16; ++i) {
                const int chosen = i / 2 * 4 + (int)(places >> (2 * i) & 3u);
                sum = mad((sums)(LOAD1(from, i)), LOAD_SUMS(rows + (size_t)chosen * N, first, second), sum);
            }
        } else {
            for (int i = 0; i < size - word * 16; ++i) {
                const int chosen = i / 2 * 4 + (int)(places >> (2 * i) & 3u);
                sum = mad((sums)(LOAD1(from, i)), LOAD_SUMS(rows + (size_t)chosen * N, first, second), sum);
            }
        }
    }
#if SLOTS > 1
    __local sums parts[ROWS * LANES];
    const int item = get_local_id(1) * LANES + lane;
    parts[item] = sum;
    for (int width = SLOTS / 2; width > 0; width /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (slot < width) parts[item] += parts[item + width * LANES];
    }
    sum = parts[item];
#endif
    if (row < M && slot == 0) {
        c += (size_t)row * N + column;
        STORE_SUMS(c, lane, count, sum);
    }
}

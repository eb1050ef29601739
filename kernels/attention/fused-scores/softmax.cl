// Scores become weights relative to the largest of their row, which is known beforehand: one pass. The weights' sum
// goes along; the next stage divides its output by it. A work-group a row.
#include "../score_vectors.cl"

JOULEMARK_STAGE {
    __local float partial[ITEMS];
    const int row = get_group_id(0), item = get_local_id(0);
    const int first = first_visible(row, Lq, Lk, window), end = end_visible(row, Lq, Lk, causal);
    const int count = max(end - first, 0), whole = count / WIDTH * WIDTH;
    const int keyTiles = (Lk + 63) / 64, endTile = count > 0 ? (end + 63) / 64 : 0;
    const size_t line = (size_t)get_group_id(1) * Lq + row;
    scores += line * Lk + first;
    maxima += line * keyTiles;

    float largest = SMALLEST;
    for (int tile = first / 64 + item; tile < endTile; tile += ITEMS) largest = fmax(largest, maxima[tile]);
    partial[item] = largest;
    for (int distance = ITEMS / 2; distance > 0; distance /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (item < distance) partial[item] = fmax(partial[item], partial[item + distance]);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    largest = partial[0];
    barrier(CLK_LOCAL_MEM_FENCE);

    float sum = 0.0f;
    for (int j = item * WIDTH; j < whole; j += ITEMS * WIDTH) {
        const VECTOR weights = exp(LOAD_VECTOR(scores, j) - largest);
        STORE_VECTOR(scores, j, weights);
        sum += SUM(weights);
    }
    if (whole + item < count) {
        const float weight = exp(scores[whole + item] - largest);
        scores[whole + item] = weight;
        sum += weight;
    }
    partial[item] = sum;
    for (int distance = ITEMS / 2; distance > 0; distance /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (item < distance) partial[item] += partial[item + distance];
    }
    if (item == 0) sums[line] = partial[0];
}

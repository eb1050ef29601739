// Each row of the scores over the keys that its query sees, in place; other keys are neither read nor written. A
// work-group a row: one reading pass finds the maximum and the sum together (Milakov and Gimelshein 2018, online
// normaliser), the second writes.
#include "../score_vectors.cl"

JOULEMARK_STAGE {
    __local float maxima[ITEMS], sums[ITEMS];
    const int row = get_group_id(0), item = get_local_id(0);
    const int first = first_visible(row, Lq, Lk, window), end = end_visible(row, Lq, Lk, causal);
    const int count = max(end - first, 0), whole = count / WIDTH * WIDTH;
    scores += ((size_t)get_group_id(1) * Lq + row) * Lk + first;

    float largest = SMALLEST, sum = 0.0f;
    for (int j = item * WIDTH; j < whole; j += ITEMS * WIDTH) {
        const VECTOR values = LOAD_VECTOR(scores, j);
        const float larger = fmax(largest, MAXIMUM(values));
        const VECTOR weights = exp(values - larger);
        sum = sum * exp(largest - larger) + SUM(weights);
        largest = larger;
    }
    if (whole + item < count) {
        const float value = scores[whole + item];
        const float larger = fmax(largest, value);
        sum = sum * exp(largest - larger) + exp(value - larger);
        largest = larger;
    }
    maxima[item] = largest;
    sums[item] = sum;
    for (int distance = ITEMS / 2; distance > 0; distance /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (item < distance) {
            const float larger = fmax(maxima[item], maxima[item + distance]);
            sums[item] = sums[item] * exp(maxima[item] - larger)
                + sums[item + distance] * exp(maxima[item + distance] - larger);
            maxima[item] = larger;
        }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    largest = maxima[0];
    const float inverse = 1.0f / sums[0];

    for (int j = item * WIDTH; j < whole; j += ITEMS * WIDTH)
        STORE_VECTOR(scores, j, exp(LOAD_VECTOR(scores, j) - largest) * inverse);
    if (whole + item < count) scores[whole + item] = exp(scores[whole + item] - largest) * inverse;
}

#include "../attention.glsl"

// In place: scores[i, j] ← exp(scores[i, j] − mᵢ), with mᵢ known from the tiles' maxima, so that one pass serves; the
// weights' sum goes along, and the next stage divides its output by it. A row a work-group.
TENSOR_scores(float, scores);
TENSOR_maxima(float, maxima);
TENSOR_sums(float, rowSums);

#include "../reduce.glsl"

const int KEYS = 64;  // a tile's

void main() {
    const int item = int(gl_LocalInvocationID.x), width = int(gl_WorkGroupSize.x);
    const int row = int(gl_WorkGroupID.x), line = int(gl_WorkGroupID.y) * Lq + row;
    const int first = firstKey(row), end = endKey(row), base = line * Lk;
    const int tileBase = line * ((Lk + KEYS - 1) / KEYS), endTile = end > first ? (end + KEYS - 1) / KEYS : 0;
    float largest = MASKED;
    for (int tile = first / KEYS + item; tile < endTile; tile += width) largest = max(largest, maxima[tileBase + tile]);
    largest = reduceMaximum(largest, item);
    float sum = 0.0;
    for (int key = first + item; key < end; key += width) {
        const float weight = exp(scores[base + key] - largest);
        scores[base + key] = weight;
        sum += weight;
    }
    sum = reduceSum(sum, item);
    if (item == 0) rowSums[line] = sum;
}

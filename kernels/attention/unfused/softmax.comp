#include "../attention.glsl"

// In place: scores[i, j] ← exp(scores[i, j] − mᵢ) / Σⱼ exp(scores[i, j] − mᵢ) over the keys that query i sees, a row a
// work-group. Rows of up to 16 scores a work-item are read once and stay in registers; longer ones are read twice, the
// first time with a running maximum and sum (Milakov and Gimelshein 2018, algorithm 3).
TENSOR_scores(float, scores);

const int HELD = 16;
#include "../reduce.glsl"

void main() {
    const int item = int(gl_LocalInvocationID.x), width = int(gl_WorkGroupSize.x);
    const int row = int(gl_WorkGroupID.x), head = int(gl_WorkGroupID.y);
    const int first = firstKey(row), count = endKey(row) - first;
    if (count <= 0) return;
    const int base = (head * Lq + row) * Lk + first;

    if (count <= HELD * width) {
        float held[HELD];
        float largest = MASKED;
        [[unroll]] for (int i = 0; i < HELD; ++i) {
            const int key = item + i * width;
            held[i] = key < count ? scores[base + key] : MASKED;
            largest = max(largest, held[i]);
        }
        largest = reduceMaximum(largest, item);
        float sum = 0.0;
        [[unroll]] for (int i = 0; i < HELD; ++i) {
            held[i] = exp(held[i] - largest);
            sum += item + i * width < count ? held[i] : 0.0;
        }
        const float factor = 1.0 / reduceSum(sum, item);
        [[unroll]] for (int i = 0; i < HELD; ++i) {
            const int key = item + i * width;
            if (key < count) scores[base + key] = held[i] * factor;
        }
        return;
    }

    float running = MASKED, sum = 0.0;
    for (int key = item; key < count; key += width) {
        const float score = scores[base + key];
        const float larger = max(running, score);
        sum = sum * exp(running - larger) + exp(score - larger);
        running = larger;
    }
    const float largest = reduceMaximum(running, item);
    const float factor = 1.0 / reduceSum(sum * exp(running - largest), item);
    for (int key = item; key < count; key += width)
        scores[base + key] = exp(scores[base + key] - largest) * factor;
}

#include "../attention.glsl"

// Joins the parts of a row, relative to the largest of their maxima. A work-item has a vector of four of a row.
TENSOR_partials(vec4, partials);
TENSOR_extremes(vec2, extremes);
TENSOR_o(STORED4, o);

const float MASKED = -1.7e38;

void main() {
    const int element = int(gl_GlobalInvocationID.x), depth = D / 4, rowCount = B * Hq * Lq, row = element / depth;
    if (row >= rowCount) return;
    float largest = MASKED, sum = 0.0;
    vec4 gathered = vec4(0.0);
    for (int part = 0; part < splits; ++part) {
        const vec2 extreme = extremes[part * rowCount + row];
        // A part of which the row sees nothing has summed masked scores. Of scores that are NaN there is no maximum
        // either, but a sum.
        if (extreme.x <= 0.5 * MASKED && !isnan(extreme.y)) continue;
        const float larger = max(largest, extreme.x);
        const float before = exp2(largest - larger), weight = exp2(extreme.x - larger);
        gathered = gathered * before + partials[part * rowCount * depth + element] * weight;
        sum = sum * before + extreme.y * weight;
        largest = larger;
    }
    o[element] = STORE4(gathered * (sum > 0.0 ? 1.0 / sum : 0.0));
}

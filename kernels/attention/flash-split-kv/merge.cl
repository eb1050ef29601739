// Joins the parts of a row, relative to the largest of their maxima. A work-item has 4 elements of a row.
#define ROWS 1
#include "../../opencl/tiles.cl"

#define MASKED (-FLT_MAX / 2)

JOULEMARK_STAGE {
    const size_t rowCount = (size_t)B * Hq * Lq, element = 4 * (size_t)get_global_id(0), row = element / D;
    if (row >= rowCount) return;
    float largest = MASKED, sum = 0.0f;
    float4 output = (float4)(0.0f);
    for (int part = 0; part < splits; ++part) {
        const float2 extreme = vload2(part * rowCount + row, extremes);
        // A part of which the row sees nothing has summed masked scores. Of scores that are NaN there is no maximum
        // either, but a sum.
        if (extreme.x <= MASKED && !isnan(extreme.y)) continue;
        const float larger = fmax(largest, extreme.x);
        const float before = exp2(largest - larger), weight = exp2(extreme.x - larger);
        output = output * before + LOAD4_F32_ALIGNED(partials, part * rowCount * D + element) * weight;
        sum = sum * before + extreme.y * weight;
        largest = larger;
    }
    STORE4_ALIGNED(o, element, output * (largest > MASKED ? 1.0f / sum : 0.0f));
}

// What the products of the experts share on matrix units: a work-group has some of the rows of one expert, whose
// weights begin at `matrix`.
#include "../matrix_product.glsl"
#include "experts.glsl"

TENSOR_expert_slots(int, slots);

int end, matrix;

// Whether the work-group has any rows.
bool beginExpert() {
    const int expert = ownExpert();
    row0 = offsets[expert] + int(gl_WorkGroupID.y) * BLOCK_ROWS;
    end = offsets[expert + 1];
    column0 = int(gl_WorkGroupID.x) * BLOCK_COLUMNS;
    matrix = expert * K * N;
    return row0 < end;
}

// Eight elements of a row of `count` from a place in it on.
#define ROW_WORD(tensor, wide, isWide, base, place, count) \
    uvec4 word = uvec4(0u); \
    if ((place) >= (count)) return word; \
    if (isWide) return wide[((base) + (place)) / 8]; \
    [[unroll]] for (int i = 0; i < 8; ++i) \
        if ((place) + i < (count)) word[i / 2] |= STORED_BITS(tensor[(base) + (place) + i]) << (i % 2 * 16); \
    return word;

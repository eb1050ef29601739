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

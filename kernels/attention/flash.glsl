// One pass over the keys; work-groups with the most keys under a causal mask start first.
#include "attention.glsl"

TENSOR_q(STORED4, q);
TENSOR_k(STORED4, k);
TENSOR_v(STORED4, v);
TENSOR_o(STORED4, o);

#include "one_pass.glsl"
#include "key_range.glsl"

void main() {
    begin(((Lq * GROUP - 1) / (8 * ROWS) - int(gl_WorkGroupID.x)) * 8 * ROWS, Lq * GROUP, int(gl_WorkGroupID.y));
    attend(firstKeyOfRows(), endKeyOfRows(), scale);
    storeRows();
}

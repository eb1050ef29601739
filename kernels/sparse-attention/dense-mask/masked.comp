#include "../../attention/attention.glsl"

// Dense attention that knows nothing of its mask but the bits: all blocks are computed, and what is hidden weighs
// nothing.
TENSOR_q(STORED4, q);
TENSOR_k(STORED4, k);
TENSOR_v(STORED4, v);
TENSOR_mask_bits(uint, mask);
TENSOR_o(STORED4, o);

#include "../sparse.glsl"

void main() {
    begin(int(gl_WorkGroupID.x) * 8 * ROWS, Lq * GROUP, int(gl_WorkGroupID.y));
    for (int key = 0; key < Lk; key += BLOCK_N) attendBlock(key, true, scale);
    storeRows();
}

#include "../../attention/attention.glsl"

// Dense attention that leaves out blocks of which the mask shows nothing, and reads the bits only of those that it
// shows in part.
TENSOR_q(STORED4, q);
TENSOR_k(STORED4, k);
TENSOR_v(STORED4, v);
TENSOR_mask_bits(uint, mask);
TENSOR_classes(uint, classes);
TENSOR_o(STORED4, o);

#include "../sparse.glsl"

void main() {
    begin(int(gl_WorkGroupID.x) * 8 * ROWS, Lq * GROUP, int(gl_WorkGroupID.y));
    const int line = int(gl_WorkGroupID.x) * ((Lk + 1023) / 1024);
    for (int key = 0; key < Lk; key += BLOCK_N) {
        const uint shown = classes[line + key / 1024] >> (key / 32 % 32) & 3;
        if (shown != 0) attendBlock(key, shown == 1, scale);
    }
    storeRows();
}

#version 450
#include "../arguments.glsl"

// Dense attention that knows nothing of its mask but the bits: all blocks are computed, and what is hidden weighs nothing.
layout(set = 0, binding = 0, std430) readonly buffer Queries { STORED4 q[]; };
layout(set = 0, binding = 1, std430) readonly buffer Keys { STORED4 k[]; };
layout(set = 0, binding = 2, std430) readonly buffer Values { STORED4 v[]; };
layout(set = 0, binding = 3, std430) readonly buffer Mask { uint mask[]; };
layout(set = 0, binding = 4, std430) writeonly buffer Outputs { STORED4 o[]; };

#include "../sparse.glsl"

void main() {
    begin(int(gl_WorkGroupID.x) * 8 * ROWS, Lq * GROUP, int(gl_WorkGroupID.y));
    for (int key = 0; key < Lk; key += BLOCK_N) attendBlock(key, true, scale);
    storeRows();
}

#version 450
#define TAKES_TILE_ROWS
#include "../arguments.glsl"

// Dense attention that leaves out blocks of which the mask shows nothing, and reads the bits only of those that it shows in part.
layout(set = 0, binding = 0, std430) readonly buffer Queries { STORED4 q[]; };
layout(set = 0, binding = 1, std430) readonly buffer Keys { STORED4 k[]; };
layout(set = 0, binding = 2, std430) readonly buffer Values { STORED4 v[]; };
layout(set = 0, binding = 3, std430) readonly buffer Mask { uint mask[]; };
layout(set = 0, binding = 4, std430) readonly buffer Classes { uint classes[]; };
layout(set = 0, binding = 5, std430) writeonly buffer Outputs { STORED4 o[]; };

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

// One pass over the keys; work-groups with the most keys under a causal mask start first.
#define FURTHER_ARGUMENTS float scale;
#include "attention.glsl"

layout(set = 0, binding = 0, std430) readonly buffer Queries { STORED4 q[]; };
layout(set = 0, binding = 1, std430) readonly buffer Keys { STORED4 k[]; };
layout(set = 0, binding = 2, std430) readonly buffer Values { STORED4 v[]; };
layout(set = 0, binding = 3, std430) writeonly buffer Outputs { STORED4 o[]; };

#include "one_pass.glsl"
#include "key_range.glsl"

void main() {
    begin(int(gl_NumWorkGroups.x - 1 - gl_WorkGroupID.x) * 8 * ROWS, Lq * GROUP, int(gl_WorkGroupID.y));
    attend(firstKeyOfRows(), endKeyOfRows(), scale);
    storeRows();
}

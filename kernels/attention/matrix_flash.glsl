// One pass over the keys; work-groups with the most keys under a causal mask start first.
#include "matrix_pass.glsl"

void main() {
    begin(((Lq * GROUP - 1) / TILE_ROWS - int(gl_WorkGroupID.x)) * TILE_ROWS, Lq * GROUP, int(gl_WorkGroupID.y));
    attend(firstKey(row0 / GROUP), endKey(lastRow() / GROUP), scale);
    storeRows();
}

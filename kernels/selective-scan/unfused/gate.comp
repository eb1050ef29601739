#include "../../storage.glsl"
#include "../../silu.glsl"

TENSOR_projected(STORED, projected);
TENSOR_z(STORED, z);
TENSOR_y(STORED, y);

void main() {
    const uint channel = gl_WorkGroupID.x * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
    if (channel >= uint(D)) return;
    const uint place = (gl_WorkGroupID.z * uint(L) + gl_WorkGroupID.y) * uint(D) + channel;
    y[place] = STORE(LOAD(projected[place]) * silu(LOAD(z[place])));
}

#include "../../storage.glsl"

TENSOR_y(STORED, y);

void main() {
    const int start = int(gl_WorkGroupID.x) * 1024 + int(gl_LocalInvocationID.x);
    for (int step = 0; step < 1024; step += 64)
        if (start + step < T * K) y[start + step] = STORE(0.0);
}

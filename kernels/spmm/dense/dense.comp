#include "../../storage.glsl"

// c = a b with all of a's zeros, a tile of 8·ROWS by 64 a work-group; with few columns (NARROW) a work-group has one
// row and one column, and its work-items read along the row.

#define LEFT TENSOR_a_dense
const int SLICE = 16;
#include "../product.glsl"

shared float parts[64];

void rowTimesColumn(int row, int column, int item) {
    float partial[4] = float[4](0.0, 0.0, 0.0, 0.0);
    for (int k = item; k < K; k += 256) {
        [[unroll]] for (int i = 0; i < 4; ++i)
            if (k + 64 * i < K) partial[i] += LOAD(a[row * K + k + 64 * i]) * LOAD(b[(k + 64 * i) * N + column]);
    }
    parts[item] = (partial[0] + partial[1]) + (partial[2] + partial[3]);
    for (int width = 32; width > 0; width /= 2) {
        barrier();
        if (item < width) parts[item] += parts[item + width];
    }
    if (item == 0) c[row * N + column] = STORE(parts[0]);
}

void main() {
    const int x = int(gl_LocalInvocationID.x), y = int(gl_LocalInvocationID.y), item = int(gl_LocalInvocationIndex);
    if (NARROW != 0) {
        rowTimesColumn(int(gl_WorkGroupID.x), int(gl_WorkGroupID.y), item);
        return;
    }
    const int row0 = int(gl_WorkGroupID.x) * 8 * ROWS, column0 = int(gl_WorkGroupID.y) * 64;
    clearSums();
    for (int k = 0; k < K; k += SLICE) {
        loadLeft(row0, M - row0, k, K, K, item);
        loadRight(k, column0, item);
        barrier();
        multiplyTiles(x, y);
        barrier();
    }
    storeTile(row0, column0, x, y);
}

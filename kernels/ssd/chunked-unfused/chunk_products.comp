#include "../ssd.glsl"

// C·Bᵀ of a chunk, once for all heads of a group: a work-group is 8·ROWS steps by the 64 steps that they see. Tiles
// that no step sees stay unwritten.

TENSOR_Bm(STORED, Bm);
TENSOR_Cm(STORED, Cm);
TENSOR_products(float, products);

#include "../chunk.glsl"

void main() {
    const int x = int(gl_LocalInvocationID.x), y = int(gl_LocalInvocationID.y), item = 8 * y + x;
    const int tiles = (Q + TILE_ROWS - 1) / TILE_ROWS;
    const int row0 = int(gl_WorkGroupID.x) % tiles * TILE_ROWS, column0 = int(gl_WorkGroupID.x) / tiles * 64;
    const int group = int(gl_WorkGroupID.y);
    const int chunk = int(gl_WorkGroupID.z) % chunkCount(), batch = int(gl_WorkGroupID.z) / chunkCount();
    const int steps = min(Q, L - chunk * Q), rows = min(TILE_ROWS, steps - row0);
    if (rows <= 0 || column0 >= row0 + rows) return;
    const int start = ((batch * L + chunk * Q) * G + group) * N;

    vec4 sums[2 * ROWS];
    [[unroll]] for (int i = 0; i < 2 * ROWS; ++i) sums[i] = vec4(0.0);
    for (int n0 = 0; n0 < N; n0 += DEPTH) {
        STAGE_LEFT_STATES(Cm, start + row0 * G * N, G * N, n0, rows)
        STAGE_RIGHT_STATES(Bm, start + column0 * G * N, G * N, n0, steps - column0)
        barrier();
        MULTIPLY_TILES(sums, leftTile, 0)
        barrier();
    }
    const int base = (((batch * chunkCount() + chunk) * G + group) * Q + row0) * productRow();
    [[unroll]] for (int r = 0; r < ROWS; ++r) {
        const int row = y * ROWS + r;
        if (row < rows) {
            STORE_WITHIN(products, float, base + row * productRow(), column0 + 4 * x, productRow(), sums[2 * r]);
            STORE_WITHIN(products, float, base + row * productRow(), column0 + 4 * x + 32, productRow(), sums[2 * r + 1]);
        }
    }
}

// y = Σ a[r mod 2] · bᵀ, R times: products of a sub-group's 16 × 64 sums, 32 deep, whose operands stay in registers.
// Four columns of matrices a row of them are independent chains, and many sub-groups hide the rest of the latency.
const int DEPTH = 32;
#ifdef MATRIX_INT8
#define STRIDE (DEPTH / 16)
#else
#define STRIDE (DEPTH / 8)
#endif
#define PLACE_B (2 * 16 * STRIDE)
#define OPERAND_WORDS (PLACE_B + 64 * STRIDE)
#define SUM_STRIDE 16
#define SUM_WORDS (GROUP_ELEMENTS / 4)
#include "../matrix.glsl"

TENSOR_a(uvec4, a);
TENSOR_b(uvec4, b);
TENSOR_y(SUM_QUAD, y);

const int ITEMS = 4 * LANES;
const int ROWS = 16 / MATRIX_M, COLUMNS = 64 / MATRIX_N, STEPS = DEPTH / MATRIX_K;

void main() {
    const int item = int(gl_LocalInvocationIndex);
    for (int i = item; i < OPERAND_WORDS; i += ITEMS) operandTile[i] = i < PLACE_B ? a[i] : b[i - PLACE_B];
    barrier();

    MATRIX_A left[2 * ROWS * STEPS];
    MATRIX_LOOP for (int i = 0; i < 2 * ROWS * STEPS; ++i)
        matrixLoadA(left[i], i / STEPS * MATRIX_M * STRIDE + i % STEPS * STRIDE / STEPS, STRIDE);
    MATRIX_B right[COLUMNS * STEPS];
    MATRIX_LOOP for (int i = 0; i < COLUMNS * STEPS; ++i)
        matrixLoadTransposedB(right[i], PLACE_B + i / STEPS * MATRIX_N * STRIDE + i % STEPS * STRIDE / STEPS, STRIDE);
    MATRIX_SUM sums[ROWS * COLUMNS];
    MATRIX_LOOP for (int i = 0; i < ROWS * COLUMNS; ++i) matrixClear(sums[i]);
    [[dont_unroll]] for (int r = 0; r < R; r += 2) {
        MATRIX_LOOP for (int turn = 0; turn < 2; ++turn) {
            MATRIX_LOOP for (int k = 0; k < STEPS; ++k) {
                MATRIX_LOOP for (int i = 0; i < ROWS * COLUMNS; ++i)
                    matrixMultiplyAdd(
                        left[(turn * ROWS + i / COLUMNS) * STEPS + k], right[i % COLUMNS * STEPS + k], sums[i]);
            }
        }
    }

    MATRIX_LOOP for (int i = 0; i < ROWS * COLUMNS; ++i)
        matrixStore(
            sums[i], (matrixGroup() * 16 + i / COLUMNS * MATRIX_M) * SUM_STRIDE + i % COLUMNS * MATRIX_N / 4,
            SUM_STRIDE);
    barrier();
    for (int i = item; i < GROUP_ELEMENTS / 4; i += ITEMS) y[int(gl_WorkGroupID.x) * GROUP_ELEMENTS / 4 + i] = sumTile[i];
}

#define MATRIX_EMULATED
#define TENSOR_a TENSOR_a_dense
#include "../../matmul/matrix.glsl"

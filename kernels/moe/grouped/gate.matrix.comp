#define WEIGHTS TENSOR_w_gate
#define RESULT TENSOR_gate
#include "../matrix_project.glsl"

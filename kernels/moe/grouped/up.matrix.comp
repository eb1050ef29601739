#define WEIGHTS TENSOR_w_up
#define RESULT TENSOR_up
#include "../matrix_project.glsl"

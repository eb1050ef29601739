#define OPERANDS 2
#define WEIGHTS TENSOR_w_gate
#define RESULT TENSOR_hidden
#include "../project.glsl"

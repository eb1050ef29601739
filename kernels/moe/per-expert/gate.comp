#define SERVES_ONE_EXPERT
#define WEIGHTS TENSOR_w_gate
#define RESULT TENSOR_gate
#include "../project.glsl"

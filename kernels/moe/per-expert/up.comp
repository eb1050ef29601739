#define SERVES_ONE_EXPERT
#define WEIGHTS TENSOR_w_up
#define RESULT TENSOR_up
#include "../project.glsl"

// What the stages of a mixture of experts share: work-group and arguments.
#ifndef MOE_GLSL
#define MOE_GLSL

#include "../storage.glsl"

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

layout(push_constant) uniform Arguments {
    int T, E, topk, K, N;
#ifdef TAKES_TURN
    int turn;
#endif
};

#endif

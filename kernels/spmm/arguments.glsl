// What all stages of spmm receive.
#ifndef ARGUMENTS_GLSL
#define ARGUMENTS_GLSL

#include "../storage.glsl"

layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;

layout(push_constant) uniform Arguments {
    int M, K, N, density, block, twoFour;
#ifdef TAKES_PARTITIONS
    int partitions;
#endif
};

#endif

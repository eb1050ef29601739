#version 450

// y = x for one number: the least that a kernel can do and still be checked.
layout(local_size_x_id = 0) in;
layout(binding = 0) readonly buffer XBuffer { float x[]; };
layout(binding = 1) writeonly buffer YBuffer { float y[]; };

void main() { y[0] = x[0]; }

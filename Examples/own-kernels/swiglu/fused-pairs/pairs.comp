#version 450
// A source that says its version also declares all that it binds.
layout(local_size_x_id = 0) in;
layout(binding = 0) readonly buffer GateBuffer { vec2 gate[]; };
layout(binding = 1) readonly buffer UpBuffer { vec2 up[]; };
layout(binding = 2) writeonly buffer YBuffer { vec2 y[]; };
layout(push_constant) uniform Arguments {
    int T;
    int D;
};

void main() {
    const uint i = gl_GlobalInvocationID.x;
    if (2u * i < uint(T) * uint(D)) y[i] = gate[i] / (1.0 + exp(-gate[i])) * up[i];
}

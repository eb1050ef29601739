TENSOR_x(float, x);
TENSOR_y(float, y);
shared vec2 partial[64];

// (maximum, sum relative to it) of two parts of a row together.
vec2 merge(vec2 a, vec2 b) {
    const float largest = max(a.x, b.x);
    return vec2(largest, a.y * exp(a.x - largest) + b.y * exp(b.x - largest));
}

void main() {
    const uint item = gl_LocalInvocationID.x, row = gl_WorkGroupID.x * uint(D);
    vec2 own = vec2(-1.7e38, 0.0);
    for (uint i = item; i < uint(D); i += gl_WorkGroupSize.x) own = merge(own, vec2(x[row + i], 1.0));
    partial[item] = own;
    barrier();
    for (uint reach = gl_WorkGroupSize.x / 2u; reach > 0u; reach /= 2u) {
        if (item < reach) partial[item] = merge(partial[item], partial[item + reach]);
        barrier();
    }
    for (uint i = item; i < uint(D); i += gl_WorkGroupSize.x) y[row + i] = exp(x[row + i] - partial[0].x) / partial[0].y;
}

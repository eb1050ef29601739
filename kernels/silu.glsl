// SiLU, x / (1 + e^-x), for every x. At −89 the denominator is infinite and the quotient −0, as it is below; at −∞ it
// would be ∞/∞.
#ifndef SILU_GLSL
#define SILU_GLSL

float silu(float x) {
    const float held = x < -89.0 ? -89.0 : x;
    return held / (1.0 + exp(-held));
}

vec4 silu(vec4 x) {
    const vec4 held = mix(x, vec4(-89.0), lessThan(x, vec4(-89.0)));
    return held / (1.0 + exp(-held));
}

#endif

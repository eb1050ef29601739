// GELU by the hyperbolic tangent: v / (1 + e^-2u), u = √(2/π) (v + 0.044715 v³), for every v. At −89 the denominator is
// infinite and the quotient −0, as it is below; at −∞ it would be ∞/∞.
static inline float gelu(float v) {
    const float twice = v * 1.59576912f * (v * v * 0.044715f + 1.0f);
    const float held = v < -20.0f ? -20.0f : v;
    return held / (1.0f + exp(-(twice < -89.0f ? -89.0f : twice)));
}

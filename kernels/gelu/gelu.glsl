// GELU by the hyperbolic tangent: v / (1 + e^-2u), u = √(2/π) (v + 0.044715 v³), for every v. At −89 the denominator is
// infinite and the quotient −0, as it is below; at −∞ it would be ∞/∞.
float gelu(float v) {
    const float twice = v * 1.59576912 * (v * v * 0.044715 + 1.0);
    const float held = v < -20.0 ? -20.0 : v;
    return held / (1.0 + exp(-(twice < -89.0 ? -89.0 : twice)));
}

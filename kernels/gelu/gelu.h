// GELU by the hyperbolic tangent, of a vector: v / (1 + e^-2u), u = √(2/π) (v + 0.044715 v³). Included after the
// bindings.

#define jm_gelu JM(jm_gelu)

/// For every v. Where e^-2u exceeds float32's range the quotient is −0, which it also is for −∞: so 2u may be held at
/// −89 there.
JM_INLINE jm_vec jm_gelu(jm_vec v) {
    // In this order the maximum is the argument where that is NaN.
    const jm_vec twice = jm_max(jm_splat(-89.0f), v * 1.59576912f * (v * v * 0.044715f + 1.0f));
    const jm_vec held = jm_max(jm_splat(-20.0f), v);
    return held / (jm_exp2_capped(twice * -1.44269504f) + 1.0f);
}

// SiLU, x / (1 + e^-x), of a vector. Included after joulemark_kernel.h, once a copy.

#define jm_silu JM(jm_silu)

/// For every x. Where e^-x exceeds float32's range, from x = −88.4 down, the quotient is above −4e-37 and becomes −0,
/// which it also is for −∞: so x may be held at −89 there.
JM_INLINE jm_vec jm_silu(jm_vec x) {
    // In this order the maximum is x where x is NaN.
    const jm_vec held = jm_max(jm_splat(-89.0f), x);
    return held / (jm_exp2_capped(held * -1.44269504f) + 1.0f);
}

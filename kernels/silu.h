// SiLU, x / (1 + e^-x), of a vector. Included after joulemark_kernel.h, once a copy.

#define jm_silu JM(jm_silu)

/// For x below −88, e^-x exceeds float32's range: the exponent is held at 126, where the quotient is already below 1e-36.
JM_INLINE jm_vec jm_silu(jm_vec x) {
    const jm_vec exponent = x * -1.44269504f;
    const jm_vec held = jm_select(exponent < jm_splat(126.0f), exponent, jm_splat(126.0f));
    return x / (jm_exp2(held) + 1.0f);
}

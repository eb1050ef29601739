// SiLU, x / (1 + e^-x), for every x. At −89 the denominator is infinite and the quotient −0, as it is below; at −∞ it
// would be ∞/∞.
#define SILU(name, floatN)                                                                                             \
    static inline floatN name(floatN x) {                                                                              \
        const floatN held = x < -89.0f ? (floatN)(-89.0f) : x;                                                         \
        return held / (1.0f + exp(-held));                                                                             \
    }
SILU(silu, float)
SILU(silu4, float4)
SILU(silu8, float8)

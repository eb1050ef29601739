// Vectors of the instruction set at hand. Included by joulemark_kernel.h, once a copy.

#define jm_vec JM(jm_vec)
#define jm_ivec JM(jm_ivec)
#define jm_loose_vec JM(jm_loose_vec)
#define jm_load JM(jm_load)
#define jm_store JM(jm_store)
#define jm_stream JM(jm_stream)
#define jm_splat JM(jm_splat)
#define jm_select JM(jm_select)
#define jm_max JM(jm_max)
#define jm_magnitude JM(jm_magnitude)
#define jm_max_or_nan JM(jm_max_or_nan)
#define jm_horizontal_max JM(jm_horizontal_max)
#define jm_horizontal_sum JM(jm_horizontal_sum)
#define jm_exp2 JM(jm_exp2)
#define jm_exp2_capped JM(jm_exp2_capped)
#define jm_exp2_of_rest JM(jm_exp2_of_rest)
#define jm_exp2_of_rests JM(jm_exp2_of_rests)
#define jm_exp2_four JM(jm_exp2_four)
#define jm_exp2_products JM(jm_exp2_products)
#define jm_any JM(jm_any)

#if defined(__clang__)
typedef float jm_vec __attribute__((ext_vector_type(JM_LANES)));
typedef int32_t jm_ivec __attribute__((ext_vector_type(JM_LANES)));
typedef float jm_loose_vec __attribute__((ext_vector_type(JM_LANES), aligned(4)));
#else
typedef float jm_vec __attribute__((vector_size(4 * JM_LANES)));
typedef int32_t jm_ivec __attribute__((vector_size(4 * JM_LANES)));
typedef float jm_loose_vec __attribute__((vector_size(4 * JM_LANES), aligned(4)));
#endif

/// JM_LANES floats from any address.
JM_INLINE jm_vec jm_load(const float *from) { return *(const jm_loose_vec *)from; }

JM_INLINE void jm_store(float *to, jm_vec value) { *(jm_loose_vec *)to = value; }

/// Stores past the caches, to an address that is a multiple of the vector's size.
JM_INLINE void jm_stream(float *to, jm_vec value) {
#if defined(__clang__)
    __builtin_nontemporal_store(value, (jm_vec *)to);
#else
    jm_store(to, value);
#endif
}

JM_INLINE jm_vec jm_splat(float value) { return value - (jm_vec){0}; }

/// Lanes of `yes` where `mask`, the result of a comparison, is true; else lanes of `no`.
JM_INLINE jm_vec jm_select(jm_ivec mask, jm_vec yes, jm_vec no) {
#if defined(__clang__)
    return mask ? yes : no;
#else
    return (jm_vec)((mask & (jm_ivec)yes) | (~mask & (jm_ivec)no));
#endif
}

/// The larger; `b` where one of them is NaN.
JM_INLINE jm_vec jm_max(jm_vec a, jm_vec b) { return jm_select(a > b, a, b); }

/// The larger; NaN where one of them is.
JM_INLINE jm_vec jm_max_or_nan(jm_vec a, jm_vec b) { return jm_select((b <= a) | (a != a), a, b); }

JM_INLINE jm_vec jm_magnitude(jm_vec x) { return (jm_vec)((jm_ivec)x & 0x7fffffff); }

/// Whether any lane of a comparison's result is true.
JM_INLINE int jm_any(jm_ivec mask) {
#if defined(__clang__)
    return __builtin_reduce_or(mask) != 0;
#else
    int32_t any = 0;
    for (int lane = 0; lane < JM_LANES; lane++) any |= mask[lane];
    return any != 0;
#endif
}

JM_INLINE float jm_horizontal_max(jm_vec value) {
    float largest = value[0];
    for (int lane = 1; lane < JM_LANES; lane++) largest = value[lane] > largest ? value[lane] : largest;
    return largest;
}

/// The sum of all lanes, by halves.
JM_INLINE float jm_horizontal_sum(jm_vec value) {
#if JM_LANES == 16
    value += __builtin_shufflevector(value, value, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
    value += __builtin_shufflevector(value, value, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3);
    value += __builtin_shufflevector(value, value, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1);
#elif JM_LANES == 8
    value += __builtin_shufflevector(value, value, 4, 5, 6, 7, 0, 1, 2, 3);
    value += __builtin_shufflevector(value, value, 2, 3, 0, 1, 2, 3, 0, 1);
#else
    value += __builtin_shufflevector(value, value, 2, 3, 0, 1);
#endif
    return value[0] + value[1];
}

/// 2^x for x in [−½, ½], by a polynomial of degree 5 with relative error 9.2e-8, exactly 1 at 0 (minimax, by Lawson's
/// iteration); with float32 rounding of its evaluation the result is within 1.7e-7, under 3 units in the last place.
/// Degree 6 would be within 0.8e-7 for one more step, of which a softmax in float32 shows nothing.
JM_INLINE jm_vec jm_exp2_of_rest(jm_vec x) {
    jm_vec value = x * 1.3264727e-3f + 9.6715130e-3f;
    value = value * x + 5.5507336e-2f;
    value = value * x + 2.4022242e-1f;
    value = value * x + 6.9314700e-1f;
    return value * x + 1.0f;
}

/// 2^x for x ≤ 128, which is infinite from 127.5 on; 0 below −126.5. NaN stays NaN, whatever its bits.
///
/// x is split into the nearest integer and a rest in [−½, ½]. Adding JM_NEAREST rounds to the integer and leaves it,
/// with the exponent's bias, in the low bits: shifted into their place they are 2^integer, from 0 at −127 to infinity
/// at 128.
#define JM_NEAREST 12583039.0f  // 1.5 · 2^23 + 127
JM_INLINE jm_vec jm_exp2_capped(jm_vec x) {
    // In this order the maximum is x where x is NaN.
    x = jm_max(jm_splat(-127.0f), x);
    const jm_vec shifted = x + JM_NEAREST;
    return jm_exp2_of_rest(x - (shifted - JM_NEAREST)) * (jm_vec)((jm_ivec)shifted << 23);
}

/// 2^x for every x: as jm_exp2_capped where x ≤ 128, infinite above.
JM_INLINE jm_vec jm_exp2(jm_vec x) { return jm_exp2_capped(jm_select(x > jm_splat(128.0f), jm_splat(128.0f), x)); }

// Lets no compiler put one vector's next step before another's last.
#undef JM_TOGETHER
#if defined(__x86_64__) && JM_LANES == 16
#define JM_TOGETHER(v) __asm__("" : "+v"((v)[0]), "+v"((v)[1]), "+v"((v)[2]), "+v"((v)[3]))
#elif defined(__x86_64__)
#define JM_TOGETHER(v) __asm__("" : "+x"((v)[0]), "+x"((v)[1]), "+x"((v)[2]), "+x"((v)[3]))
#else
#define JM_TOGETHER(v) __asm__("" : "+w"((v)[0]), "+w"((v)[1]), "+w"((v)[2]), "+w"((v)[3]))
#endif

/// jm_exp2_of_rest of four vectors, step by step for all of them.
JM_INLINE void jm_exp2_of_rests(const jm_vec rest[4], jm_vec values[4]) {
    const float coefficients[] = {9.6715130e-3f, 5.5507336e-2f, 2.4022242e-1f, 6.9314700e-1f, 1.0f};
    JM_UNROLL for (int i = 0; i < 4; i++) values[i] = rest[i] * 1.3264727e-3f + coefficients[0];
    JM_TOGETHER(values);
    JM_UNROLL for (int step = 1; step < 5; step++) {
        JM_UNROLL for (int i = 0; i < 4; i++) values[i] = values[i] * rest[i] + coefficients[step];
        JM_TOGETHER(values);
    }
}

/// jm_exp2 of four vectors in place, step by step for all of them. Each alone is a chain of 14 operations that wait for
/// each other, of which Zen 3's schedulers, with 64 places, see four at a time: a third slower with SSE2, a sixth with
/// AVX2.
JM_INLINE void jm_exp2_four(jm_vec values[4]) {
    jm_vec shifted[4], rest[4];
    JM_UNROLL for (int i = 0; i < 4; i++) rest[i] = jm_max(jm_splat(-127.0f), values[i]);
    JM_UNROLL for (int i = 0; i < 4; i++) rest[i] = jm_select(rest[i] > jm_splat(128.0f), jm_splat(128.0f), rest[i]);
    JM_UNROLL for (int i = 0; i < 4; i++) shifted[i] = rest[i] + JM_NEAREST;
    JM_TOGETHER(shifted);
    JM_UNROLL for (int i = 0; i < 4; i++) rest[i] -= shifted[i] - JM_NEAREST;
    JM_TOGETHER(rest);
    jm_exp2_of_rests(rest, values);
    JM_UNROLL for (int i = 0; i < 4; i++) values[i] *= (jm_vec)((jm_ivec)shifted[i] << 23);
}

/// 2^(a·b) of four pairs, each product between −126 and 126, step by step for all of them: with three operations
/// instead of five before the polynomial, because the product is part of them and nothing needs to be bounded, and an
/// addition to the exponent after it, for which a processor has more units than for a product.
#define JM_NEAREST_UNBIASED 12582912.0f  // 1.5 · 2^23
JM_INLINE void jm_exp2_products(const jm_vec a[4], const jm_vec b[4], jm_vec values[4]) {
    jm_vec shifted[4], rest[4];
    JM_UNROLL for (int i = 0; i < 4; i++) shifted[i] = a[i] * b[i] + JM_NEAREST_UNBIASED;
    JM_TOGETHER(shifted);
    JM_UNROLL for (int i = 0; i < 4; i++) rest[i] = JM_NEAREST_UNBIASED - shifted[i];
    JM_TOGETHER(rest);
    JM_UNROLL for (int i = 0; i < 4; i++) rest[i] += a[i] * b[i];
    JM_TOGETHER(rest);
    jm_exp2_of_rests(rest, values);
    JM_UNROLL for (int i = 0; i < 4; i++) values[i] = (jm_vec)((jm_ivec)values[i] + ((jm_ivec)shifted[i] << 23));
}

#include "joulemark_storage.h"

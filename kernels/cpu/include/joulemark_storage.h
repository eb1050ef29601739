// Elements as tensors hold them: float32, float16 or bfloat16, by the copy. Included by joulemark_vector.h, once a
// copy.
//
// Conversions are exact on the way in and round to the nearest, ties to even, on the way out, infinities and subnormals
// included: the same with F16C, with NEON and in integers.

#define jm_stored JM(jm_stored)
#define jm_read JM(jm_read)
#define jm_write JM(jm_write)
#define jm_read_some JM(jm_read_some)
#define jm_write_some JM(jm_write_some)
#define jm_read_one JM(jm_read_one)
#define jm_write_one JM(jm_write_one)
#define jm_widen JM(jm_widen)
#define jm_in_floats JM(jm_in_floats)
#define jm_floats_for JM(jm_floats_for)
#define jm_narrow JM(jm_narrow)

#if defined(JM_STORES_F32)

/// An element of a tensor.
typedef float jm_stored;

/// JM_LANES elements from any address.
JM_INLINE jm_vec jm_read(const jm_stored *from) { return jm_load(from); }

JM_INLINE void jm_write(jm_stored *to, jm_vec value) { jm_store(to, value); }

JM_INLINE float jm_read_one(const jm_stored *from) { return *from; }

JM_INLINE void jm_write_one(jm_stored *to, float value) { *to = value; }

#else

#define jm_halves JM(jm_halves)
#define jm_loose_halves JM(jm_loose_halves)
#define jm_widened JM(jm_widened)
#define jm_narrowed JM(jm_narrowed)

#if defined(__aarch64__) && defined(JM_STORES_F16)
typedef __fp16 jm_halves __attribute__((vector_size(2 * JM_LANES)));
typedef __fp16 jm_loose_halves __attribute__((vector_size(2 * JM_LANES), aligned(2)));
#else
typedef int16_t jm_halves __attribute__((vector_size(2 * JM_LANES)));
typedef int16_t jm_loose_halves __attribute__((vector_size(2 * JM_LANES), aligned(2)));
#endif

/// An element of a tensor: a structure, so that no bits are taken for a number.
typedef struct jm_stored {
    uint16_t bits;
} jm_stored;

#if defined(JM_STORES_BF16)

// bfloat16 is the upper half of a float32.
JM_INLINE jm_vec jm_widened(jm_halves halves) { return (jm_vec)(__builtin_convertvector(halves, jm_ivec) << 16); }

JM_INLINE jm_halves jm_narrowed(jm_vec value) {
    const jm_ivec bits = (jm_ivec)value, magnitude = bits & 0x7fffffff;
    const jm_ivec rounded = (magnitude + 0x7fff + ((magnitude >> 16) & 1)) >> 16;
    const jm_ivec isNaN = magnitude > 0x7f800000;
    const jm_ivec result = (isNaN & 0x7fc0) | (~isNaN & rounded);
    return __builtin_convertvector(result | ((bits >> 16) & 0x8000), jm_halves);
}

#else

JM_INLINE jm_vec jm_widened(jm_halves halves) {
#if defined(JM_HAS_F16C) && JM_LANES == 16
    return (jm_vec)__builtin_ia32_vcvtph2ps512_mask(halves, (jm_vec){0}, (short)-1, 4);
#elif defined(JM_HAS_F16C)
    return (jm_vec)__builtin_ia32_vcvtph2ps256(halves);
#elif defined(__aarch64__)
    return __builtin_convertvector(halves, jm_vec);
#else
    const jm_ivec bits = __builtin_convertvector(halves, jm_ivec);
    const jm_ivec magnitude = bits & 0x7fff;
    // The exponent's bias is 112 less. As a product this also normalises what was subnormal.
    const jm_ivec value = (jm_ivec)((jm_vec)(magnitude << 13) * 0x1p112f);
    const jm_ivec special = (magnitude >= 0x7c00) & 0x7f800000;
    return (jm_vec)(value | special | (bits & (jm_ivec)((jm_ivec){0} - 0x7fffffff - 1)));
#endif
}

JM_INLINE jm_halves jm_narrowed(jm_vec value) {
#if defined(JM_HAS_F16C) && JM_LANES == 16
    return (jm_halves)__builtin_ia32_vcvtps2ph512_mask(value, 0, (jm_halves){0}, (short)-1);
#elif defined(JM_HAS_F16C)
    return (jm_halves)__builtin_ia32_vcvtps2ph256(value, 0);
#elif defined(__aarch64__)
    return __builtin_convertvector(value, jm_halves);
#else
    const jm_ivec bits = (jm_ivec)value, magnitude = bits & 0x7fffffff;
    const jm_ivec odd = (magnitude >> 13) & 1;
    const jm_ivec normal = (magnitude - (112 << 23) + 0xfff + odd) >> 13;
    // One half has the unit in the last place that halves below 2^-14 have: adding it rounds.
    const jm_ivec subnormal = (jm_ivec)((jm_vec)magnitude + 0.5f) - 0x3f000000;
    const jm_ivec isSmall = magnitude<0x38800000, isLarge = magnitude >= 0x477ff000, isNaN = magnitude> 0x7f800000;
    const jm_ivec finite = (isSmall & subnormal) | (~isSmall & normal);
    const jm_ivec result = (isLarge & (0x7c00 | (isNaN & 0x200))) | (~isLarge & finite);
    return __builtin_convertvector(result | ((bits >> 16) & 0x8000), jm_halves);
#endif
}

#endif

JM_INLINE jm_vec jm_read(const jm_stored *from) { return jm_widened(*(const jm_loose_halves *)from); }

JM_INLINE void jm_write(jm_stored *to, jm_vec value) { *(jm_loose_halves *)to = jm_narrowed(value); }

JM_INLINE float jm_read_one(const jm_stored *from) {
    jm_halves halves = {0};
    __builtin_memcpy(&halves, from, sizeof(jm_stored));
    return jm_widened(halves)[0];
}

JM_INLINE void jm_write_one(jm_stored *to, float value) {
    const jm_halves halves = jm_narrowed(jm_splat(value));
    __builtin_memcpy(to, &halves, sizeof(jm_stored));
}

#endif

/// The first `count` of JM_LANES elements, at least one; lanes beyond are zero.
JM_INLINE jm_vec jm_read_some(const jm_stored *from, int count) {
    if (count >= JM_LANES) return jm_read(from);
    jm_stored elements[JM_LANES] = {0};
    for (int lane = 0; lane < count; lane++) elements[lane] = from[lane];
    return jm_read(elements);
}

/// Writes the first `count` of JM_LANES elements.
JM_INLINE void jm_write_some(jm_stored *to, jm_vec value, int count) {
    if (count >= JM_LANES) {
        jm_write(to, value);
        return;
    }
    jm_stored elements[JM_LANES];
    jm_write(elements, value);
    for (int lane = 0; lane < count; lane++) to[lane] = elements[lane];
}

/// Copies `count` elements to floats.
JM_INLINE void jm_widen(float *to, const jm_stored *from, size_t count) {
    size_t i = 0;
    for (; i + JM_LANES <= count; i += JM_LANES) jm_store(to + i, jm_read(from + i));
    for (; i < count; i++) to[i] = jm_read_one(from + i);
}

/// Floats of space that jm_in_floats or jm_floats_for takes for `count` elements.
#undef JM_SPACE
#define JM_SPACE(count) (sizeof(jm_stored) == sizeof(float) ? (size_t)0 : (size_t)(count))

/// `count` elements as floats: where they lie if they are floats, else copied to `space`, which then takes them.
JM_INLINE const float *jm_in_floats(const jm_stored *from, size_t count, float *space) {
#if !defined(JM_STORES_F32)
    jm_widen(space, from, count);
    return space;
#else
    (void)count;
    (void)space;
    return from;
#endif
}

/// Copies `count` floats to elements; nothing where they are the same already.
JM_INLINE void jm_narrow(jm_stored *to, const float *from, size_t count) {
    if ((const void *)to == (const void *)from) return;
    size_t i = 0;
    for (; i + JM_LANES <= count; i += JM_LANES) jm_write(to + i, jm_load(from + i));
    for (; i < count; i++) jm_write_one(to + i, from[i]);
}

/// Where to make floats that jm_narrow then copies to `to`: there itself if elements are floats, else in `space`.
JM_INLINE float *jm_floats_for(jm_stored *to, float *space) {
#if !defined(JM_STORES_F32)
    (void)to;
    return space;
#else
    (void)space;
    return to;
#endif
}

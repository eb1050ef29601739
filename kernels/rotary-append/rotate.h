// A head's rotation, and where a token's heads go. Include after the bindings.

#define rotary_tokens JM(rotary_tokens)
#define rotary_tokens_of JM(rotary_tokens_of)
#define rotary_rotate JM(rotary_rotate)

/// A work-group's tokens, of all sequences in a row.
typedef struct rotary_tokens {
    int64_t first, end;
} rotary_tokens;

JM_INLINE rotary_tokens rotary_tokens_of(const joulemark_call *call, uint32_t index) {
    const int64_t count = (int64_t)jm_arguments_of(call)->B * jm_arguments_of(call)->L;
    const int64_t first = (int64_t)index * jm_constants_of(call)->TOKENS, end = first + jm_constants_of(call)->TOKENS;
    return (rotary_tokens){first, end < count ? end : count};
}

/// One head of `size` elements, of which the first `rotated` are turned by `half` cosines and as many sines.
JM_INLINE void rotary_rotate(jm_stored *to, const jm_stored *from, const float *rotation, int rotated, int size) {
    const int half = rotated / 2;
    const float *cosines = rotation, *sines = rotation + half;
    int i = 0;
    for (; i + JM_LANES <= half; i += JM_LANES) {
        const jm_vec low = jm_read(from + i), high = jm_read(from + half + i);
        const jm_vec c = jm_load(cosines + i), s = jm_load(sines + i);
        jm_write(to + i, low * c - high * s);
        jm_write(to + half + i, high * c + low * s);
    }
    for (; i < half; i++) {
        const float low = jm_read_one(from + i), high = jm_read_one(from + half + i);
        jm_write_one(to + i, low * cosines[i] - high * sines[i]);
        jm_write_one(to + half + i, high * cosines[i] + low * sines[i]);
    }
    __builtin_memcpy(to + rotated, from + rotated, (size_t)(size - rotated) * sizeof(jm_stored));
}

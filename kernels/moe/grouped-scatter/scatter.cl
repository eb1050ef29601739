// y += weight · (hidden · w_down): rows of several experts belong to one token and may come at the same time, so
// additions are atomic. Beyond NVIDIA's own instruction they exchange words until none has come between: 32 bits in f32
// storage, two neighbours in f16 (K is even there). The first try supposes that nothing has been added, which holds for
// the first of a token's experts.
#include "../down.cl"

#if defined(STORAGE_F16)
static inline void add_pair(volatile __global uint *word, float first, float second) {
    uint seen = 0, old;
    do {
        old = seen;
        uint sum;
        const float2 values = vload_half2(0, (const half *)&old) + (float2)(first, second);
        vstore_half2_rte(values, 0, (half *)&sum);
        seen = atomic_cmpxchg(word, old, sum);
    } while (seen != old);
}
#elif defined(__NV_CL_C_VERSION)
static inline void add_float(volatile __global float *to, float value) {
    asm volatile("red.global.add.f32 [%0], %1;" ::"l"(to), "f"(value) : "memory");
}
#else
static inline void add_float(volatile __global float *to, float value) {
    uint seen = 0, old;
    do {
        old = seen;
        seen = atomic_cmpxchg((volatile __global uint *)to, old, as_uint(as_float(old) + value));
    } while (seen != old);
}
#endif

// Adds the first `count` of four elements, whose place is a multiple of two in f16 storage.
static inline void add4_below(__global stored *to, float4 values, int count) {
#ifdef STORAGE_F16
    if (count > 0) add_pair((volatile __global uint *)to, values.x, values.y);
    if (count > 2) add_pair((volatile __global uint *)(to + 2), values.z, values.w);
#else
    if (count > 0) add_float(to, values.x);
    if (count > 1) add_float(to + 1, values.y);
    if (count > 2) add_float(to + 2, values.z);
    if (count > 3) add_float(to + 3, values.w);
#endif
}

#if SINGLE_ROW
#define STORE_SUMS(slot, column, sums)                                                                                 \
    add4_below(y + (size_t)((slot) / topk) * K + column, sums * LOAD1(weight, slot), K - column);
#else
#define STORE_SUMS(slot, column, sums)                                                                                 \
    {                                                                                                                  \
        const float8 values = sums * LOAD1(weight, slot);                                                              \
        __global stored *to = y + (size_t)((slot) / topk) * K + column;                                                \
        add4_below(to + COLUMN(itemX, 0), values.lo, K - column - COLUMN(itemX, 0));                                   \
        add4_below(to + COLUMN(itemX, 4), values.hi, K - column - COLUMN(itemX, 4));                                   \
    }
#endif

JOULEMARK_STAGE {
    DOWN_LOCAL
    const int expert = get_group_id(2);
    DOWN(expert)
}

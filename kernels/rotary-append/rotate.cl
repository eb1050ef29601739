#include "../opencl/storage.cl"

// Element i of a head that begins at `from`, turned by the cosines and sines of its token.
static inline float rotated_element(
    __global const stored *head, size_t from, __global const float *rotation, int i, int rotated) {
    const int half_count = rotated / 2;
    const float value = LOAD1(head, from + i);
    if (i >= rotated) return value;
    const int pair = i < half_count ? i : i - half_count;
    const float other = LOAD1(head, from + (i < half_count ? i + half_count : i - half_count));
    const float cosine = rotation[pair], sine = rotation[half_count + pair];
    return i < half_count ? value * cosine - other * sine : value * cosine + other * sine;
}

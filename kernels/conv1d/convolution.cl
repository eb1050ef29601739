#include "../opencl/storage.cl"

// A work-item is one channel over 16 steps of the sequence: neighbours read neighbouring channels, and what a step
// shares with the one before is still in the cache.

// What the convolution comes to at a step of a channel; x begins at the channel's first step.
static inline float convolved_at(
    int step, int channel, __global const stored *x, __global const stored *w, __global const stored *bias, int D,
    int W) {
    float sum = LOAD1(bias, channel);
    for (int tap = max(0, W - 1 - step); tap < W; tap++)
        sum += LOAD1(w, (size_t)channel * W + tap) * LOAD1(x, (size_t)(step - W + 1 + tap) * D);
    return sum;
}

// A work-item's steps: `result` makes of a step's sum what is stored in `to`.
#define CONVOLVE(to, result)                                                                                           \
    const int channel = get_group_id(0) * WORK_GROUP_SIZE_X + get_local_id(0);                                         \
    const int first = (int)get_group_id(1) * STEPS;                                                                    \
    const size_t sequence = get_group_id(2) * (size_t)L * D + channel;                                                 \
    for (int step = first; channel < D && step < min(first + STEPS, L); step++) {                                      \
        const float sum = convolved_at(step, channel, x + sequence, w, bias, D, W);                                    \
        STORE1(to, sequence + (size_t)step * D, result);                                                               \
    }

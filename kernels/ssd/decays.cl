// Sums of decays, for work-groups of 64. Include ../opencl/storage.cl first.

#define LOG2_E 1.4426950408889634f

// Sums of many decays are pairs of floats: as one, a sum of some thousands would be known to 1e-4, and the differences
// of two sums, which become factors, no better.
static inline float2 add_pairs(float2 a, float2 b) {
    const float sum = a.x + b.x, part = sum - a.x;
    const float rest = (a.x - (sum - part)) + (b.x - part) + (a.y + b.y);
    const float high = sum + rest;
    return (float2)(high, rest - (high - sum));
}

static inline float difference(float2 a, float2 b) { return (a.x - b.x) + (a.y - b.y); }

// sums[i] = Σ of dt · A up to step i of a chunk, in units of log2. A work-item adds up a run of steps, then the runs'
// totals are scanned by doubling. `totals` has room for 128. Ends with a barrier.
static inline void sum_decays(
    __global const stored *dt, int stride, float rate, int steps, int item, __local float2 *sums,
    __local float2 *totals) {
    const int run = (steps + 63) / 64, first = min(item * run, steps), end = min(first + run, steps);
    float2 sum = (float2)(0.0f);
    for (int i = first; i < end; ++i) {
        sum = add_pairs(sum, (float2)(LOAD1(dt, (size_t)i * stride) * rate, 0.0f));
        sums[i] = sum;
    }
    totals[item] = sum;
    barrier(CLK_LOCAL_MEM_FENCE);
    int from = 0;
    for (int distance = 1; distance < 64; distance *= 2) {
        const float2 own = totals[from + item];
        totals[64 - from + item] = item >= distance ? add_pairs(totals[from + item - distance], own) : own;
        from = 64 - from;
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (item > 0)
        for (int i = first; i < end; ++i) sums[i] = add_pairs(totals[from + item - 1], sums[i]);
    barrier(CLK_LOCAL_MEM_FENCE);
}

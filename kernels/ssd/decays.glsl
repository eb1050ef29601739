// Sums of decays, for work-groups of 64. Include after the buffers `dt` and `CHUNK`, the longest chunk, are declared.

shared vec2 sums[CHUNK];
shared vec2 totals[128];

// sums[i] = Σ of dt · A up to step i of a chunk, in units of log₂. `first` is the place of its first dt. A work-item
// adds up a run of steps, then the runs' totals are scanned by doubling. Ends with a barrier.
void sumDecays(int first, float rate, int steps, int item) {
    const int run = (steps + 63) / 64, start = min(item * run, steps), end = min(start + run, steps);
    vec2 sum = vec2(0.0);
    for (int i = start; i < end; ++i) {
        precise float decay = LOAD(dt[first + i * H]) * rate;
        sum = addPairs(sum, vec2(decay, 0.0));
        sums[i] = sum;
    }
    totals[item] = sum;
    barrier();
    int from = 0;
    for (int distance = 1; distance < 64; distance *= 2) {
        vec2 own = totals[from + item];
        if (item >= distance) own = addPairs(totals[from + item - distance], own);
        totals[64 - from + item] = own;
        from = 64 - from;
        barrier();
    }
    if (item > 0) {
        for (int i = start; i < end; ++i) sums[i] = addPairs(totals[from + item - 1], sums[i]);
    }
    barrier();
}

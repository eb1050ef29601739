// Sums of decays. Include after the buffers `dt` and `CHUNK`, the longest chunk, are declared; ITEMS is how many
// work-items the group has, 64 where nothing is said.
#ifndef ITEMS
#define ITEMS 64
#endif

const int SCANNERS = ITEMS < 64 ? ITEMS : 64;  // those that add up
shared vec2 sums[CHUNK];
shared vec2 totals[2 * SCANNERS];

// sums[i] = Σ of dt · A up to step i of a chunk, in units of log₂. `first` is the place of its first dt. A work-item
// adds up a run of steps, then the runs' totals are scanned by doubling. Ends with a barrier.
void sumDecays(int first, float rate, int steps, int item) {
    const bool adds = item < SCANNERS;
    const int run = (steps + SCANNERS - 1) / SCANNERS, start = min(item * run, steps), end = adds ? min(start + run, steps) : 0;
    vec2 sum = vec2(0.0);
    for (int i = start; i < end; ++i) {
        precise float decay = LOAD(dt[first + i * H]) * rate;
        sum = addPairs(sum, vec2(decay, 0.0));
        sums[i] = sum;
    }
    if (adds) totals[item] = sum;
    barrier();
    int from = 0;
    for (int distance = 1; distance < SCANNERS; distance *= 2) {
        if (adds) {
            vec2 own = totals[from + item];
            if (item >= distance) own = addPairs(totals[from + item - distance], own);
            totals[SCANNERS - from + item] = own;
        }
        from = SCANNERS - from;
        barrier();
    }
    if (item > 0) {
        for (int i = start; i < end; ++i) sums[i] = addPairs(totals[from + item - 1], sums[i]);
    }
    barrier();
}

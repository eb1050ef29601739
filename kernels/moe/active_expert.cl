// The expert that number `index` is among those of `count` that have a token. No further than the experts go: with
// fewer active ones than `index` says, as in zeroed buffers, the loop would not end.
static inline int active_expert(__global const int *offsets, int count, int index) {
    for (int expert = 0; expert < count; ++expert) {
        if (offsets[expert + 1] == offsets[expert]) continue;
        if (index-- == 0) return expert;
    }
    return 0;
}

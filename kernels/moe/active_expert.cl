// The expert that number `index` is among those that have a token.
static inline int active_expert(__global const int *offsets, int index)
{
    int expert = 0;
    for (;; ++expert) {
        if (offsets[expert + 1] == offsets[expert]) continue;
        if (index-- == 0) return expert;
    }
}

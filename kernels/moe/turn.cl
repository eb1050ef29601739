// The expert whose turn it is among those that have a token.
static inline int active_expert(__global const int *offsets, int turn)
{
    int expert = 0;
    for (;; ++expert) {
        if (offsets[expert + 1] == offsets[expert]) continue;
        if (turn-- == 0) return expert;
    }
}

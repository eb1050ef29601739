// Which keys a query sees: see kernels/attention/family.json.

// First and one past the last key that query `row` sees.
static inline int first_visible(int row, int Lq, int Lk, int window) {
    return window > 0 ? clamp(row + Lk - Lq - window + 1, 0, Lk) : 0;
}

static inline int end_visible(int row, int Lq, int Lk, int causal) {
    return causal ? clamp(row + Lk - Lq + 1, 0, Lk) : Lk;
}

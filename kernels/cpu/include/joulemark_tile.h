// A register-blocked product of matrices, the core of every kernel that multiplies matrices. Include after
// joulemark_kernel.h.
//
// A tile is JM_TILE_ROWS × JM_TILE_VECTORS vectors of sums that stay in registers. Each step broadcasts JM_TILE_ROWS
// scalars of the one operand and loads JM_TILE_VECTORS vectors of the other. With 16 registers 4 × 3 sums, 3 vectors
// and a broadcast use each of them: 12 multiply-adds for 7 loads, so that two multiply-adds a cycle need 1.2 loads a
// cycle where the load units of Zen 3 and Skylake give 2 (6 × 2 would need 1.3, 2 × 6 the same and longer panels). With
// 32 registers 8 × 3 sums: 24 for 11, 0.9 loads a cycle. Without fused multiply-adds (SSE2) a product takes a register
// until it is added: 4 × 2.

#undef JM_TILE_VECTORS
#if defined(__x86_64__) && JM_LANES == 4
#define JM_TILE_VECTORS 2
#else
#define JM_TILE_VECTORS 3
#endif
#define JM_TILE_ROWS (JM_REGISTERS == 32 ? 8 : 4)
#define JM_TILE_LANES (JM_TILE_VECTORS * JM_LANES)

// The sums, the vectors and one broadcast fill 16 registers. A compiler that loads the next broadcast before the last
// one is used up spills a sum in each step, and three times the time is gone: this makes the next load wait, for the
// compiler.
#undef JM_IN_ORDER
#if defined(__x86_64__) && JM_LANES == 16
#define JM_IN_ORDER(address, value) __asm__("" : "+r"(address), "+v"(value))
#elif defined(__x86_64__)
#define JM_IN_ORDER(address, value) __asm__("" : "+r"(address), "+x"(value))
#else
#define JM_IN_ORDER(address, value)
#endif

#define jm_panel_vectors JM(jm_panel_vectors)
#define jm_tile_clear JM(jm_tile_clear)
#define jm_tile_product JM(jm_tile_product)

/// Vectors of columns that a tile takes where `left` are left, at least one. Four are better cut in two halves than
/// into three and one, whose few sums wait for each other.
JM_INLINE int jm_panel_vectors(int left) {
    return left >= JM_TILE_VECTORS && (JM_TILE_VECTORS < 3 || left != 4) ? JM_TILE_VECTORS : left >= 2 ? 2 : 1;
}

JM_INLINE void jm_tile_clear(const int rows, const int vectors, jm_vec sums[]) {
    JM_UNROLL for (int i = 0; i < rows * vectors; i++) sums[i] = (jm_vec){0};
}

/// sums[row · vectors + v] += Σ over step < steps of a[row · aRow + step · aStep] · b[step · bStep + v · JM_LANES …].
///
/// `rows` and `vectors` must be constants where this is inlined, or the sums do not stay in registers.
JM_INLINE void jm_tile_product(
    const int rows, const int vectors, const float *a, ptrdiff_t aRow, ptrdiff_t aStep, const float *b, ptrdiff_t bStep,
    int steps, jm_vec sums[]) {
    for (int step = 0; step < steps; step++) {
        jm_vec right[JM_TILE_VECTORS];
        JM_UNROLL for (int v = 0; v < vectors; v++) right[v] = jm_load(b + v * JM_LANES);
        JM_UNROLL for (int row = 0; row < rows; row++) {
            const jm_vec left = jm_splat(a[row * aRow]);
            JM_UNROLL for (int v = 0; v < vectors; v++) sums[row * vectors + v] += left * right[v];
            JM_UNROLL for (int v = 0; v < vectors; v++) JM_IN_ORDER(a, sums[row * vectors + v]);
        }
        a += aStep;
        b += bStep;
    }
}

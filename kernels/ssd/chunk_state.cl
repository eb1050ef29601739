// What the stages that sum up chunks share. Include ../opencl/tiles.cl, decays.cl and chunk.cl first.

// state += B^T (N x steps) times x (steps x P), each step's x times dt and what is left of it at the end of its chunk,
// for a work-item's rows from n0 and columns from p0. `sums` are the chunk's sums of decays. x, dt and Bm begin at the
// chunk's first step.
static inline void add_chunk(
    float8 state[ROWS], __global const stored *x, __global const stored *dt, __global const stored *Bm,
    __local const float2 *sums, int steps, int H, int G, int n0, int p0, int itemX, int itemY, __local float *left,
    __local float *right) {
    const int item = 8 * itemY + itemX;
    const float2 last = sums[steps - 1];
    for (int first = 0; first < steps; first += DEPTH) {
        stage_rows(Bm + (size_t)first * G * STATE_SIZE, (size_t)G * STATE_SIZE, n0, steps - first, item, left);
        for (int i = item; i < DEPTH * (TILE_COLUMNS / 4); i += 64) {
            const int step = first + i / (TILE_COLUMNS / 4), p = i % (TILE_COLUMNS / 4) * 4;
            float4 values = (float4)(0.0f);
            if (step < steps)
                values = LOAD_HEAD(x + (size_t)step * H * HEAD_SIZE, p0 + p)
                    * (EXP2(difference(last, sums[step])) * LOAD1(dt, (size_t)step * H));
            *(__local float4 *)(right + i * 4) = values;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        multiply_tiles(state, left + itemY * ROWS, right, TILE_COLUMNS, DEPTH, itemX);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
}

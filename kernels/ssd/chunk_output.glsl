// What the stages share that compute a chunk's outputs. Include after inputs, outputs, Cm, Dv and states are declared.
#include "chunk.glsl"

// rightTile = DEPTH of the states before the chunk, from n0 on, by 64 components of the head from p0 on.
void stageStoredStates(int base, int n0, int p0, int item) {
    for (int i = item; i < DEPTH * COLUMNS; i += 64) {
        const int n = n0 + i / COLUMNS;
        rightTile[i] = n < N
            ? LOAD_WITHIN(float, states, base + n * stateRow(), p0 + i % COLUMNS * 4, stateRow()) : vec4(0.0);
    }
}

// rightTile = `count` steps' inputs, from the step that starts at `base` on, by 64 components of the head from p0 on.
void stageInputs(int base, int count, int p0, int item) {
    for (int i = item; i < DEPTH * COLUMNS; i += 64) {
        const int step = i / COLUMNS;
        rightTile[i] =
            step < count ? LOAD_WITHIN(LOAD, inputs, base + step * H * P, p0 + i % COLUMNS * 4, P) : vec4(0.0);
    }
}

// Adds C · (state before the chunk) to a work-item's sums.
#define MULTIPLY_STATES(sums, readoutBase, stateBase)                                                                  \
    for (int n0 = 0; n0 < N; n0 += DEPTH) {                                                                            \
        STAGE_LEFT_STATES(Cm, readoutBase, G * N, n0, rows)                                                            \
        stageStoredStates(stateBase, n0, p0, item);                                                                    \
        barrier();                                                                                                     \
        MULTIPLY_TILES(sums, leftTile, 0)                                                                              \
        barrier();                                                                                                     \
    }

// y = sums + D x, for components p … p + 3 and p + 32 … p + 35 of the head's row that starts at `base`.
void storeOutputs(int base, int head, int p, vec4 near, vec4 far) {
    const float skip = LOAD(Dv[head]);
    near += skip * LOAD_WITHIN(LOAD, inputs, base, p, P);
    far += skip * LOAD_WITHIN(LOAD, inputs, base, p + 32, P);
    STORE_WITHIN(outputs, STORE, base, p, P, near);
    STORE_WITHIN(outputs, STORE, base, p + 32, P, far);
}

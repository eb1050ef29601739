#define INTEGER_DOT
#include "../../storage.glsl"
#include "../../dot4.glsl"

// A work-item has 64 words: as many independent chains cover any latency.

TENSOR_x(int, x);
TENSOR_y(int, y);

const int WORDS = 64;

void main() {
    const uint first = gl_WorkGroupID.x * GROUP_ELEMENTS + gl_LocalInvocationID.x;
    int values[WORDS];
    [[unroll]] for (int i = 0; i < WORDS; ++i) values[i] = x[first + 64 * i];
    [[dont_unroll]] for (int r = 0; r < R; ++r) {
        [[unroll]] for (int i = 0; i < WORDS; ++i) values[i] = dot4(values[i], 0xFF, C);
    }
    [[unroll]] for (int i = 0; i < WORDS; ++i) y[first + 64 * i] = values[i];
}

#include "../down.glsl"

// y += weight · (hidden · w_down): rows of several experts belong to one token and may come at the same time, so
// additions are atomic: words are exchanged until none has come between, 32 bits in f32 storage, two neighbours in f16
// (K is even there). Atomic addition of floats is an extension that many devices lack. The first try supposes that
// nothing has been added, which holds for the first of a token's experts.
TENSOR_weight(STORED, weight);
TENSOR_y(uint, y);

#ifdef STORAGE_F16
void addPair(int index, vec2 values) {
    uint seen = 0u, old;
    do {
        old = seen;
        seen = atomicCompSwap(y[index / 2], old, packHalf2x16(unpackHalf2x16(old) + values));
    } while (seen != old);
}
#else
void addFloat(int index, float value) {
    uint seen = 0u, old;
    do {
        old = seen;
        seen = atomicCompSwap(y[index], old, floatBitsToUint(uintBitsToFloat(old) + value));
    } while (seen != old);
}
#endif

void storeSums(int slot, int column, vec4 values) {
    const int index = slot / topk * K + column;
    values *= LOAD(weight[slot]);
#ifdef STORAGE_F16
    if (column < K) addPair(index, values.xy);
    if (column + 2 < K) addPair(index + 2, values.zw);
#else
    [[unroll]] for (int i = 0; i < 4; ++i)
        if (column + i < K) addFloat(index + i, values[i]);
#endif
}

// What the stages of the state-space dual share: arguments, sizes, and sums of decays.
#ifndef SSD_GLSL
#define SSD_GLSL

#include "../storage.glsl"

const float LOG2_E = 1.44269504;

int chunkCount() { return (L + Q - 1) / Q; }

// Floats from one row of stored states, and of stored products, to the next.
int stateRow() { return (P + 15) / 16 * 16; }
int productRow() { return (Q + 15) / 16 * 16; }

// Sums of many decays are pairs of floats: as one, a sum of some thousands would be known to 1e-4, and the differences
// of two sums, which become factors, no better.
vec2 addPairs(vec2 a, vec2 b) {
    precise float sum = a.x + b.x;
    precise float part = sum - a.x;
    precise float rest = (a.x - (sum - part)) + (b.x - part) + (a.y + b.y);
    precise float high = sum + rest;
    precise float low = rest - (high - sum);
    return vec2(high, low);
}

float difference(vec2 a, vec2 b) { return (a.x - b.x) + (a.y - b.y); }

#endif

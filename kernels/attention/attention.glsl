// What the stages of attention share: which keys a query sees.
#ifndef ATTENTION_GLSL
#define ATTENTION_GLSL

#include "../storage.glsl"

// The query row i sees the keys of [firstKey(i), endKey(i)). Both grow with i.
int firstKey(int row) { return window > 0 ? max(0, row + Lk - Lq - window + 1) : 0; }
int endKey(int row) { return causal != 0 ? clamp(row + Lk - Lq + 1, 0, Lk) : Lk; }

// Position of a query head's key head among all of the batch.
int keyHead(int head) { return (head / Hq) * Hkv + (head % Hq) / (Hq / Hkv); }

// sum + a · b as four multiply-adds; `dot` would cost an addition more.
float multiplyAdd(vec4 a, vec4 b, float sum) {
    sum += a.x * b.x;
    sum += a.y * b.y;
    sum += a.z * b.z;
    sum += a.w * b.w;
    return sum;
}

#endif

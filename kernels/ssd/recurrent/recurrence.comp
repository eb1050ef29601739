#include "../ssd.glsl"

// A work-group is 32 components of a head by SLICES slices of its states: a work-item keeps OWN_STATES states of a
// component in registers. B, C, dt x and the decays of TILE steps lie in shared memory; what the slices add to y is
// summed there, once a tile instead of once a step. The work-items of a slice read the same B and C at the same time.

TENSOR_x(STORED, inputs);
TENSOR_dt(STORED, dt);
TENSOR_A(STORED, A);
TENSOR_Bm(STORED, Bm);
TENSOR_Cm(STORED, Cm);
TENSOR_Dv(STORED, Dv);
TENSOR_y(STORED, outputs);

const int TILE = 8;
const int COMPONENTS = 32;
const int PADDED = SLICES * OWN_STATES;
const int ITEMS = COMPONENTS * SLICES;

shared float tileB[TILE * PADDED];
shared float tileC[TILE * PADDED];
shared float drive[TILE * COMPONENTS];
shared float partial[TILE * ITEMS];
shared float decay[TILE];

// 2^x for every x, to the last place: the Taylor series of e^(rest · ln 2), whose ninth term is below 6e-9. Vulkan lets
// exp2 be off by 3 + 2|x| places, which a recurrence multiplies step by step; one decay serves all states of a head.
float decayOf(float x) {
    const float whole = clamp(round(x), -150.0, 128.0), rest = (x - whole) * 0.693147181;
    float value = rest / 5040.0 + 1.0 / 720.0;
    value = value * rest + 1.0 / 120.0;
    value = value * rest + 1.0 / 24.0;
    value = value * rest + 1.0 / 6.0;
    value = value * rest + 0.5;
    value = value * rest + 1.0;
    value = value * rest + 1.0;
    return x < -150.0 ? 0.0 : x >= 128.0 ? uintBitsToFloat(0x7f800000u) : ldexp(value, int(whole));
}

void main() {
    const int lane = int(gl_LocalInvocationID.x), slice = int(gl_LocalInvocationID.y), item = COMPONENTS * slice + lane;
    const int p0 = int(gl_WorkGroupID.x) * COMPONENTS, head = int(gl_WorkGroupID.y);
    const int sequence = int(gl_WorkGroupID.z) * L, projection = head / (H / G) * N;
    const float rate = LOAD(A[head]) * LOG2_E, skip = LOAD(Dv[head]);
    float h[OWN_STATES];
    [[unroll]] for (int n = 0; n < OWN_STATES; ++n) h[n] = 0.0;
    for (int first = 0; first < L; first += TILE) {
        for (int i = item; i < TILE * PADDED; i += ITEMS) {
            const int step = first + i / PADDED, n = i % PADDED;
            const bool isInside = step < L && n < N;
            const int place = (sequence + step) * G * N + projection + n;
            tileB[i] = isInside ? LOAD(Bm[place]) : 0.0;
            tileC[i] = isInside ? LOAD(Cm[place]) : 0.0;
        }
        for (int i = item; i < TILE * COMPONENTS; i += ITEMS) {
            const int step = first + i / COMPONENTS, p = p0 + i % COMPONENTS;
            const int place = (sequence + step) * H + head;
            drive[i] = step < L && p < P ? LOAD(inputs[place * P + p]) * LOAD(dt[place]) : 0.0;
        }
        for (int step = item; step < TILE; step += ITEMS)
            decay[step] = first + step < L ? decayOf(LOAD(dt[(sequence + first + step) * H + head]) * rate) : 1.0;
        barrier();
        for (int step = 0; step < TILE; ++step) {
            const float factor = decay[step], value = drive[step * COMPONENTS + lane];
            const int base = step * PADDED + slice * OWN_STATES;
            float sum = 0.0;
            [[unroll]] for (int n = 0; n < OWN_STATES; ++n) {
                h[n] = h[n] * factor + value * tileB[base + n];
                sum += h[n] * tileC[base + n];
            }
            partial[(step * SLICES + slice) * COMPONENTS + lane] = sum;
        }
        barrier();
        for (int i = item; i < TILE * COMPONENTS; i += ITEMS) {
            const int step = first + i / COMPONENTS, p = p0 + i % COMPONENTS;
            if (step < L && p < P) {
                const int place = ((sequence + step) * H + head) * P + p;
                float sum = 0.0;
                for (int s = 0; s < SLICES; ++s)
                    sum += partial[(i / COMPONENTS * SLICES + s) * COMPONENTS + i % COMPONENTS];
                outputs[place] = STORE(sum + skip * LOAD(inputs[place]));
            }
        }
        // The next tile's loads touch nothing that is read here; its partial sums come after its barrier.
    }
}

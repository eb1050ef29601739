#include "joulemark_kernel.h"
#include <math.h>

#define row_maximum JM(row_maximum)

static float row_maximum(const float *row, int count) {
    float largest = row[0];
    for (int i = 1; i < count; i++) largest = row[i] > largest ? row[i] : largest;
    return largest;
}

// In float64, since the others are held against it.
JOULEMARK_STAGE("row-softmax", "three-pass", "three_pass", "f32", 2, 2, 0) {
    const int D = call->arguments[1].integer;
    const float *row = (const float *)call->buffers[0] + (size_t)x * (size_t)D;
    float *output = (float *)call->buffers[1] + (size_t)x * (size_t)D;
    const double largest = row_maximum(row, D);
    double sum = 0;
    for (int i = 0; i < D; i++) sum += exp(row[i] - largest);
    for (int i = 0; i < D; i++) output[i] = (float)(exp(row[i] - largest) / sum);
}

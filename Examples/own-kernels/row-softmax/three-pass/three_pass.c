#include "row-softmax/three-pass/three_pass.bindings.h"
#include <math.h>

#define row_maximum JM(row_maximum)

static float row_maximum(const float *row, int count) {
    float largest = row[0];
    for (int i = 1; i < count; i++) largest = row[i] > largest ? row[i] : largest;
    return largest;
}

// In float64, since the others are held against it.
JOULEMARK_STAGE(0) {
    const int D = jm_arguments_of(call)->D;
    const float *row = jm_tensors_of(call)->x + (size_t)x * (size_t)D;
    float *output = jm_tensors_of(call)->y + (size_t)x * (size_t)D;
    const double largest = row_maximum(row, D);
    double sum = 0;
    for (int i = 0; i < D; i++) sum += exp(row[i] - largest);
    for (int i = 0; i < D; i++) output[i] = (float)(exp(row[i] - largest) / sum);
}

// The largest and the sum of what a work-group's items hold; every item gets it.
const float MASKED = -1.7e38;  // about −FLT_MAX / 2: the difference of two such values is finite

shared float partial[gl_WorkGroupSize.x];

float reduceMaximum(float value, int item) {
    barrier();
    partial[item] = value;
    for (uint width = gl_WorkGroupSize.x / 2; width > 0; width /= 2) {
        barrier();
        if (item < width) partial[item] = max(partial[item], partial[item + width]);
    }
    barrier();
    return partial[0];
}

float reduceSum(float value, int item) {
    barrier();
    partial[item] = value;
    for (uint width = gl_WorkGroupSize.x / 2; width > 0; width /= 2) {
        barrier();
        if (item < width) partial[item] += partial[item + width];
    }
    barrier();
    return partial[0];
}

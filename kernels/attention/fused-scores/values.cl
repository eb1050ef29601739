// Weights times values, divided by the weights' sum.
#define DIVIDES_BY_SUMS
#include "../unfused/values.cl"

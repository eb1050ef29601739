#define SUBGROUPS
#include "softmax.cl"

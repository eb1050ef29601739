#define SUBGROUPS
#include "square_mean.cl"

#define SUBGROUPS
#include "rmsnorm_residual.cl"

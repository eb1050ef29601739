#define SUBGROUPS
#include "rmsnorm_residual.comp"

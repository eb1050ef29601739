#define SUBGROUPS
#include "square_mean.comp"

#define SUBGROUPS
#include "softmax.comp"

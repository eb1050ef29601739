#include "joulemark_kernel.h"

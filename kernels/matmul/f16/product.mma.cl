#include "../mma.cl"

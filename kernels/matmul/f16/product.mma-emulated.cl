#define MMA_EMULATED
#include "../mma.cl"

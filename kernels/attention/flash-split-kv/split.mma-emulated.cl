#define MMA_EMULATED
#include "../mma_split.cl"

#define MMA_EMULATED
#include "../mma_flash.cl"

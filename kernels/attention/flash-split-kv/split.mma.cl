#include "../mma_split.cl"

#include "../mma_flash.cl"

#define DP4A
#include "product.cl"

#define DOT4
#define DP4A 1
#include "product.cl"

#define DOT4
#include "product.cl"

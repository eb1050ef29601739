#define DOT4
#define INTEGER_DOT 1
#include "product.cl"

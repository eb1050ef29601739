#define DOT4
#define INTEGER_DOT
#include "product.comp"

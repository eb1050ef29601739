#define DOT4
#include "product.comp"

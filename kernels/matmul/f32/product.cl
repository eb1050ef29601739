#include "../product.cl"

#include "../hidden.cl"

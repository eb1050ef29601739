#include "../start.cl"

// The scores, masked, and the largest of each row in each tile of keys.
#define FINDS_MAXIMA
#include "../unfused/scores.cl"

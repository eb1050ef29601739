#define PASSES_OVER 0
#define TOKEN(row) (row)
#define ROW_COUNT T
#include "../layer.cl"

// Tokens that have left are computed like the others.
EXIT_LAYER

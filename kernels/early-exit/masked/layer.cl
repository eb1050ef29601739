#define PASSES_OVER 1
#define TOKEN(row) (row)
#define ROW_COUNT T
#include "../layer.cl"

// A tile of which no token is left is passed over.
EXIT_LAYER

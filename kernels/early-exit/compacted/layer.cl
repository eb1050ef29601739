#define PASSES_OVER 0
#define TOKEN(row) places[row]
#define ROW_COUNT counts[layer]
#include "../layer.cl"

// Rows are sorted by depth: those in front are still there.
EXIT_LAYER

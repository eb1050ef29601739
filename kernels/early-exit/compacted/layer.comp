#define PASSES_OVER 0
#define TOKEN(row) places[row]
#define ROW_COUNT counts[layer]

TENSOR_places(int, places);
TENSOR_counts(int, counts);

#include "../layer.glsl"

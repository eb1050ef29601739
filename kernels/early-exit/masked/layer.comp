#define PASSES_OVER 1
#define TOKEN(row) (row)
#define ROW_COUNT T
#include "../layer.glsl"

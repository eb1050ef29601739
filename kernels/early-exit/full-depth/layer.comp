#define PASSES_OVER 0
#define TOKEN(row) (row)
#define ROW_COUNT T
#include "../layer.glsl"

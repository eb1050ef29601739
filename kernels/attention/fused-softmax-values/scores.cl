// The tile of this stage is its own: it keeps no output, and so holds more rows than the next one.
#undef ROWS
#define ROWS SCORE_ROWS
#include "../unfused/scores.cl"

// Each row of hidden · w_down to the place of its slot, where a token's rows are neighbours.
#include "down.cl"

#if SINGLE_ROW
#define STORE_SUMS(slot, column, sums) store4_below(rows + (size_t)(slot)*K + column, sums, K - column);
#else
#define STORE_SUMS(slot, column, sums) store_row(rows + (size_t)(slot)*K + column, itemX, sums, K - column);
#endif

#include "../combine.cl"

JOULEMARK_STAGE { combine_token(rows, weight, y, topk, K); }

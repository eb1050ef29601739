#include "../activate.cl"

JOULEMARK_STAGE { activate_run(gate, up, hidden, 0, (size_t)T * topk * N); }

#include "../active_expert.cl"
#include "../activate.cl"

JOULEMARK_STAGE {
    const int expert = active_expert(expert_offsets, E, index);
    activate_run(gate, up, hidden, (size_t)expert_offsets[expert] * N, (size_t)expert_offsets[expert + 1] * N);
}

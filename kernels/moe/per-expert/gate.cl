#include "../project.cl"

JOULEMARK_STAGE {
    PROJECT_LOCAL
    const int expert = active_expert(expert_offsets, E, index);
    PROJECT(expert, w_gate, gate);
}

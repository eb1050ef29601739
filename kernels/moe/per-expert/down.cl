#include "../down_rows.cl"

JOULEMARK_STAGE {
    DOWN_LOCAL
    const int expert = active_expert(expert_offsets, E, index);
    DOWN(expert)
}

#include "../down_rows.cl"

JOULEMARK_STAGE {
    DOWN_LOCAL
    const int expert = get_group_id(2);
    DOWN(expert)
}

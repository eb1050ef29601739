#include "../project.cl"

JOULEMARK_STAGE {
    PROJECT_LOCAL
    PROJECT((int)get_group_id(2), w_up, up);
}

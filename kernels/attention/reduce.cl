// The largest and the sum of what a work-group's ITEMS hold; every item gets it. With SUBGROUPS those of a sub-group do
// it by themselves, and two barriers for the rest.
#ifdef SUBGROUPS
#define REDUCE(OF_SUBGROUP, OF_TWO)                                                                                    \
    value = OF_SUBGROUP(value);                                                                                        \
    if (get_num_sub_groups() == 1) return value;                                                                       \
    barrier(CLK_LOCAL_MEM_FENCE);                                                                                      \
    if (get_sub_group_local_id() == 0) partial[get_sub_group_id()] = value;                                            \
    barrier(CLK_LOCAL_MEM_FENCE);                                                                                      \
    value = partial[0];                                                                                                \
    for (uint i = 1; i < get_num_sub_groups(); ++i) value = OF_TWO(value, partial[i]);                                 \
    return value;
#else
#define REDUCE(OF_SUBGROUP, OF_TWO)                                                                                    \
    const int item = get_local_id(0);                                                                                  \
    barrier(CLK_LOCAL_MEM_FENCE);                                                                                      \
    partial[item] = value;                                                                                             \
    for (int distance = ITEMS / 2; distance > 0; distance /= 2) {                                                      \
        barrier(CLK_LOCAL_MEM_FENCE);                                                                                  \
        if (item < distance) partial[item] = OF_TWO(partial[item], partial[item + distance]);                          \
    }                                                                                                                  \
    barrier(CLK_LOCAL_MEM_FENCE);                                                                                      \
    return partial[0];
#endif
#define PLUS(a, b) ((a) + (b))

static inline float largest_of_work_group(float value, __local float *partial) { REDUCE(sub_group_reduce_max, fmax) }
static inline float sum_of_work_group(float value, __local float *partial) { REDUCE(sub_group_reduce_add, PLUS) }

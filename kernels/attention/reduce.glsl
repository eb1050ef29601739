// The largest and the sum of what a work-group's items hold; every item gets it. With SUBGROUPS those of a sub-group do
// it by themselves, and two barriers for the rest.
#ifdef SUBGROUPS
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_arithmetic : require
#endif

const float MASKED = -1.7e38;  // about −FLT_MAX / 2: the difference of two such values is finite

shared float partial[gl_WorkGroupSize.x];

#ifdef SUBGROUPS
#define REDUCE(ofSubgroup, ofTwo) \
    value = ofSubgroup(value); \
    if (gl_NumSubgroups == 1u) return value; \
    barrier(); \
    if (subgroupElect()) partial[gl_SubgroupID] = value; \
    barrier(); \
    value = partial[0]; \
    for (uint i = 1u; i < gl_NumSubgroups; ++i) value = ofTwo(value, partial[i]); \
    return value;
#else
#define REDUCE(ofSubgroup, ofTwo) \
    barrier(); \
    partial[item] = value; \
    for (uint width = gl_WorkGroupSize.x / 2; width > 0; width /= 2) { \
        barrier(); \
        if (item < width) partial[item] = ofTwo(partial[item], partial[item + width]); \
    } \
    barrier(); \
    return partial[0];
#endif

float plus(float a, float b) { return a + b; }

float reduceMaximum(float value, int item) { REDUCE(subgroupMax, max) }
float reduceSum(float value, int item) { REDUCE(subgroupAdd, plus) }

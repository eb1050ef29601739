// The sum of one value a work-item, known to all of them afterwards; at most 256 work-items, a power of two. With
// SUBGROUPS those of a sub-group add up by themselves, and one barrier does for the rest.
#ifdef SUBGROUPS
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_arithmetic : require
#endif

shared float partial[256];

float sumOfWorkGroup(float value) {
#ifdef SUBGROUPS
    value = subgroupAdd(value);
    if (gl_NumSubgroups == 1u) return value;
    if (subgroupElect()) partial[gl_SubgroupID] = value;
    barrier();
    float sum = 0.0;
    for (uint i = 0u; i < gl_NumSubgroups; ++i) sum += partial[i];
    return sum;
#else
    const uint lane = gl_LocalInvocationID.x;
    partial[lane] = value;
    barrier();
    for (uint reach = gl_WorkGroupSize.x / 2u; reach > 0u; reach /= 2u) {
        if (lane < reach) partial[lane] += partial[lane + reach];
        barrier();
    }
    return partial[0];
#endif
}

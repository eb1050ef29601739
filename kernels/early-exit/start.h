// The tokens before the first layer, a group of elements; those that go through none are done.
#define exit_start JM(exit_start)

JM_INLINE void exit_start(const joulemark_call *call, uint32_t x) {
    const jm_stored *from = jm_tensors_of(call)->x;
    const int64_t D = jm_arguments_of(call)->D, count = jm_arguments_of(call)->T * D,
                  start = (int64_t)x * GROUP_ELEMENTS;
    const int64_t end = start + GROUP_ELEMENTS < count ? start + GROUP_ELEMENTS : count;
    for (int64_t i = start; i < end; i++) {
        jm_tensors_of(call)->state[i] = from[i];
        if (jm_tensors_of(call)->depth[i / D] == 0) jm_tensors_of(call)->y[i] = from[i];
    }
}

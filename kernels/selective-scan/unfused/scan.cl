// h[l] = decay[l] * h[l - 1] + drive[l], in place: a work-item is one state of one channel.
#ifdef HOST_PROCESSOR
// A processor runs the work-items of a group one after another; a barrier a step makes that a row of channels at a time
// instead of one channel through all steps, whose rows would push each other out of the cache (fifteen times slower at
// D = 1536).
#define TOGETHER() barrier(CLK_LOCAL_MEM_FENCE)
#else
#define TOGETHER()
#endif

JOULEMARK_STAGE {
    const int channel = get_group_id(0) * WORK_GROUP_SIZE_X + get_local_id(0), isReal = channel < D;
    size_t place = (get_group_id(2) * (size_t)L * N + get_group_id(1)) * D + channel;
    float h = 0.0f;
    for (int step = 0; step < L; step++, place += (size_t)N * D) {
        if (isReal) {
            h = decay[place] * h + state[place];
            state[place] = h;
        }
        TOGETHER();
    }
}

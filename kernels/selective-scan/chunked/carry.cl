// states[c] becomes the state before chunk c: h = exp(A * sum of the chunk's time steps) * h + what the chunk adds. A
// work-item is one state of one channel.
#include "../../opencl/storage.cl"

JOULEMARK_STAGE {
    const int channel = get_group_id(0) * WORK_GROUP_SIZE_X + get_local_id(0), n = get_group_id(1);
    if (channel >= D) return;
    const int chunks = (L + steps - 1) / steps;
    const float rate = LOAD1(A, (size_t)channel * N + n) * 1.44269504f;
    size_t cell = (size_t)get_group_id(2) * chunks;
    float h = 0.0f;
    for (int chunk = 0; chunk < chunks; chunk++, cell++) {
        const size_t place = (cell * N + n) * D + channel;
        const float added = states[place];
        states[place] = h;
        h = exp2(widths[cell * D + channel] * rate) * h + added;
    }
}

// states[c] becomes the state before chunk c: state = decay over c * state + what c adds. A work-item is an element of
// a head's state.
#define CHUNKS ((L + CHUNK - 1) / CHUNK)
#define STATE_ROW ((HEAD_SIZE + 15) / 16 * 16)

JOULEMARK_STAGE {
    const int element = get_global_id(0), head = get_group_id(1), batch = get_group_id(2);
    if (element >= STATE_SIZE * STATE_ROW) return;
    decays += ((size_t)batch * H + head) * 2 * L;
    states += ((size_t)batch * CHUNKS * H + head) * STATE_SIZE * STATE_ROW + element;
    float state = 0.0f;
    for (int chunk = 0; chunk < CHUNKS; ++chunk, states += (size_t)H * STATE_SIZE * STATE_ROW) {
        const float added = *states;
        *states = state;
        state = exp2(decays[min((chunk + 1) * CHUNK, L) - 1]) * state + added;
    }
}

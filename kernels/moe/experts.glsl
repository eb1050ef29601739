// Where the experts' rows are. Stages with SERVES_ONE_EXPERT serve the one that number
// `index` is among those that have a token, the others the one of their work-group's z.
// Include after moe.glsl.
TENSOR_expert_offsets(int, offsets);

int ownExpert() {
#ifdef SERVES_ONE_EXPERT
    // No further than the experts go: with fewer active ones than `index` says, as in zeroed buffers, the loop would
    // not end.
    int before = index;
    for (int expert = 0; expert < E; ++expert) {
        if (offsets[expert + 1] == offsets[expert]) continue;
        if (before-- == 0) return expert;
    }
    return 0;
#else
    return int(gl_WorkGroupID.z);
#endif
}

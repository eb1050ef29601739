// Where the experts' rows are. Stages with SERVES_ONE_EXPERT serve the one that number
// `index` is among those that have a token, the others the one of their work-group's z.
// Include after moe.glsl.
TENSOR_expert_offsets(int, offsets);

int ownExpert() {
#ifdef SERVES_ONE_EXPERT
    int before = index;
    for (int expert = 0;; ++expert) {
        if (offsets[expert + 1] == offsets[expert]) continue;
        if (before-- == 0) return expert;
    }
#else
    return int(gl_WorkGroupID.z);
#endif
}

// Where the experts' rows are. Stages with an argument `turn` serve one expert, the others the one of their work-group's z.
// Include after moe.glsl.
layout(set = 0, binding = OFFSETS_BINDING, std430) readonly buffer Offsets { int offsets[]; };

int ownExpert() {
#ifdef TAKES_TURN
    // The expert whose turn it is among those that have a token.
    int before = turn;
    for (int expert = 0;; ++expert) {
        if (offsets[expert + 1] == offsets[expert]) continue;
        if (before-- == 0) return expert;
    }
#else
    return int(gl_WorkGroupID.z);
#endif
}

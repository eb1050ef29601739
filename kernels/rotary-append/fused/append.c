#include "rotary-append/fused/append.bindings.h"
#include "../rotate.h"

// A work-group is a few tokens with all their heads.
JOULEMARK_STAGE(0) {
    const int64_t L = jm_arguments_of(call)->L, D = jm_arguments_of(call)->D,
                  positions = jm_arguments_of(call)->positions;
    const int queries = jm_arguments_of(call)->Hq, keys = jm_arguments_of(call)->Hkv,
              rotated = jm_arguments_of(call)->rotated;
    const rotary_tokens tokens = rotary_tokens_of(call, x);
    for (int64_t token = tokens.first; token < tokens.end; token++) {
        const int64_t batch = token / L, place = token % L, cached = positions - L + place;
        const jm_stored *from = jm_tensors_of(call)->qkv + token * (queries + 2 * keys) * D;
        const float *rotation = jm_tensors_of(call)->rotation + place * (rotated > 2 ? rotated : 2);
        for (int head = 0; head < queries; head++, from += D)
            rotary_rotate(
                jm_tensors_of(call)->q + ((batch * queries + head) * L + place) * D, from, rotation, rotated, (int)D);
        for (int head = 0; head < keys; head++, from += D)
            rotary_rotate(
                jm_tensors_of(call)->k + ((batch * keys + head) * positions + cached) * D, from, rotation, rotated,
                (int)D);
        for (int head = 0; head < keys; head++, from += D)
            __builtin_memcpy(
                jm_tensors_of(call)->v + ((batch * keys + head) * positions + cached) * D, from,
                (size_t)D * sizeof(jm_stored));
    }
}

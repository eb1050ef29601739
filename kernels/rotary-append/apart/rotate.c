#include "rotary-append/apart/rotate.bindings.h"
#include "../rotate.h"

// A work-group is a few tokens with all their heads.
JOULEMARK_STAGE(0) {
    const int64_t L = jm_arguments_of(call)->L, D = jm_arguments_of(call)->D;
    const int queries = jm_arguments_of(call)->Hq, keys = jm_arguments_of(call)->Hkv,
              rotated = jm_arguments_of(call)->rotated;
    const rotary_tokens tokens = rotary_tokens_of(call, x);
    for (int64_t token = tokens.first; token < tokens.end; token++) {
        const int64_t batch = token / L, place = token % L;
        const float *rotation = jm_tensors_of(call)->rotation + place * (rotated > 2 ? rotated : 2);
        for (int head = 0; head < queries + keys; head++) {
            const jm_stored *from = jm_tensors_of(call)->heads + ((batch * (queries + keys) + head) * L + place) * D;
            jm_stored *to = head < queries
                ? jm_tensors_of(call)->q + ((batch * queries + head) * L + place) * D
                : jm_tensors_of(call)->rotated_keys + ((batch * keys + head - queries) * L + place) * D;
            rotary_rotate(to, from, rotation, rotated, (int)D);
        }
    }
}

#include "rotary-append/apart/append.bindings.h"
#include "../rotate.h"

// A work-group is a few tokens with all their heads.
JOULEMARK_STAGE(0) {
    const int64_t L = jm_arguments_of(call)->L, D = jm_arguments_of(call)->D,
                  positions = jm_arguments_of(call)->positions;
    const int keys = jm_arguments_of(call)->Hkv;
    const rotary_tokens tokens = rotary_tokens_of(call, x);
    for (int64_t token = tokens.first; token < tokens.end; token++) {
        const int64_t batch = token / L, place = token % L, cached = positions - L + place;
        for (int head = 0; head < keys; head++) {
            const int64_t from = ((batch * keys + head) * L + place) * D,
                          to = ((batch * keys + head) * positions + cached) * D;
            const size_t bytes = (size_t)D * sizeof(jm_stored);
            __builtin_memcpy(jm_tensors_of(call)->k + to, jm_tensors_of(call)->rotated_keys + from, bytes);
            __builtin_memcpy(jm_tensors_of(call)->v + to, jm_tensors_of(call)->values + from, bytes);
        }
    }
}

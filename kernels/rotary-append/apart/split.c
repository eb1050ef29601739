#include "rotary-append/apart/split.bindings.h"
#include "../rotate.h"

// A work-group is a few tokens with all their heads.
JOULEMARK_STAGE(0) {
    const int64_t L = jm_arguments_of(call)->L, D = jm_arguments_of(call)->D;
    const int turned = jm_arguments_of(call)->Hq + jm_arguments_of(call)->Hkv, keys = jm_arguments_of(call)->Hkv;
    const rotary_tokens tokens = rotary_tokens_of(call, x);
    for (int64_t token = tokens.first; token < tokens.end; token++) {
        const int64_t batch = token / L, place = token % L;
        const jm_stored *from = jm_tensors_of(call)->qkv + token * (turned + keys) * D;
        for (int head = 0; head < turned; head++, from += D)
            __builtin_memcpy(
                jm_tensors_of(call)->heads + ((batch * turned + head) * L + place) * D, from,
                (size_t)D * sizeof(jm_stored));
        for (int head = 0; head < keys; head++, from += D)
            __builtin_memcpy(
                jm_tensors_of(call)->values + ((batch * keys + head) * L + place) * D, from,
                (size_t)D * sizeof(jm_stored));
    }
}

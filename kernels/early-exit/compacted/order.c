#include "early-exit/compacted/order.bindings.h"

// Tokens by depth, the deepest first, in their own order where depths are equal; and how many are there in each layer.
JOULEMARK_STAGE(0) {
    const int tokens = jm_arguments_of(call)->T, layers = jm_arguments_of(call)->layers;
    const int32_t *depth = jm_tensors_of(call)->depth;
    int32_t *places = jm_tensors_of(call)->places, *counts = jm_tensors_of(call)->counts;
    for (int layer = 0; layer < layers; layer++) counts[layer] = 0;
    for (int token = 0; token < tokens; token++) {
        if (depth[token] > 0 && depth[token] <= layers) counts[depth[token] - 1]++;
    }
    for (int layer = layers - 2; layer >= 0; layer--) counts[layer] += counts[layer + 1];
    int place = 0;
    for (int layer = layers; layer >= 0; layer--) {
        // Nobody to look for: most layers are nobody's depth.
        const int from = layer < layers ? counts[layer] : 0, to = layer > 0 ? counts[layer - 1] : tokens;
        for (int token = 0; token < tokens && from < to && place < to; token++) {
            if (depth[token] == layer) places[place++] = token;
        }
    }
}

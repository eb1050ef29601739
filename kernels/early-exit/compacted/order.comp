TENSOR_depth(int, depth);
TENSOR_places(int, places);
TENSOR_counts(int, counts);

// Tokens by depth, the deepest first, in their own order where depths are equal; and how many are there in each layer.
// Each work-item counts who comes before its token, which for the tokens of a pass is quicker than sorting them
// together.
void main() {
    const int item = int(gl_GlobalInvocationID.x);
    if (item < T) {
        const int own = depth[item];
        int place = 0;
        for (int token = 0; token < T; ++token)
            if (depth[token] > own || (depth[token] == own && token < item)) ++place;
        places[place] = item;
    }
    if (item < layers) {
        int count = 0;
        for (int token = 0; token < T; ++token)
            if (depth[token] > item) ++count;
        counts[item] = count;
    }
}

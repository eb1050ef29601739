// Tokens by depth, the deepest first, in their own order where depths are equal; and how many are there in each layer.
// Each work-item counts who comes before its token, which for the tokens of a pass is quicker than sorting them
// together.
JOULEMARK_STAGE {
    const int item = get_global_id(0);
    if (item < T) {
        const int own = depth[item];
        int place = 0;
        for (int token = 0; token < T; ++token) place += depth[token] > own || (depth[token] == own && token < item);
        places[place] = item;
    }
    if (item < layers) {
        int count = 0;
        for (int token = 0; token < T; ++token) count += depth[token] > item;
        counts[item] = count;
    }
}

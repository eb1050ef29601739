// Two bits a tile of tileRows rows by 64 keys: 0 where the mask shows nothing of it, 2 where it shows all, 1 else. A
// work-group has 64 tiles beside each other, so that a line of the mask is read as a run of 512 bytes.
#define TILES 64

JOULEMARK_STAGE {
    __local uint found[TILES];
    const int item = get_local_id(0), tile = get_group_id(0) * TILES + item;
    const int words = (Lk + 31) / 32, word = 2 * tile;
    const int rowTile = get_group_id(1), endRow = min((rowTile + 1) * tileRows, Lq * GROUP);
    const int lastQuery = (endRow - 1) / GROUP;
    uint any = 0, all = 0xFFFFFFFF;
    if (word < words) {
        for (int query = rowTile * tileRows / GROUP; query <= lastQuery; ++query) {
            __global const int *line = mask_bits + (size_t)query * words;
            const uint low = line[word], high = word + 1 < words ? line[word + 1] : 0;
            any |= low | high;
            all &= low & high;
        }
    }
    found[item] = any == 0 ? 0 : all == 0xFFFFFFFF ? 2 : 1;
    barrier(CLK_LOCAL_MEM_FENCE);
    const int classWords = (Lk + 1023) / 1024, classWord = get_group_id(0) * (TILES / 16) + item;
    if (item < TILES / 16 && classWord < classWords) {
        uint packed = 0;
        for (int i = 0; i < 16; ++i) packed |= found[16 * item + i] << (2 * i);
        classes[(size_t)rowTile * classWords + classWord] = packed;
    }
}

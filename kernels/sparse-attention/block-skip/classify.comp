#include "../../attention/attention.glsl"

// Two bits a tile of tileRows rows by 64 keys: 0 where the mask shows nothing of it, 2 where it shows all, 1 else. A
// work-group has 64 tiles beside each other, so that a line of the mask is read as a run of 512 bytes.

TENSOR_mask_bits(uint, mask);
TENSOR_classes(uint, classes);

const int TILES = 64;
shared uint found[TILES];

void main() {
    const int item = int(gl_LocalInvocationID.x), tile = int(gl_GlobalInvocationID.x);
    const int words = (Lk + 31) / 32, word = 2 * tile;
    const int rowTile = int(gl_WorkGroupID.y), endRow = min((rowTile + 1) * tileRows, Lq * GROUP);
    const int lastQuery = (endRow - 1) / GROUP;
    uint any = 0, all = 0xFFFFFFFF;
    if (word < words) {
        for (int query = rowTile * tileRows / GROUP; query <= lastQuery; ++query) {
            const int line = query * words;
            const uint low = mask[line + word], high = word + 1 < words ? mask[line + word + 1] : 0;
            any |= low | high;
            all &= low & high;
        }
    }
    found[item] = any == 0 ? 0 : (all == 0xFFFFFFFF ? 2 : 1);
    barrier();
    const int classWords = (Lk + 1023) / 1024, classWord = int(gl_WorkGroupID.x) * (TILES / 16) + item;
    if (item < TILES / 16 && classWord < classWords) {
        uint bits = 0;
        for (int i = 0; i < 16; ++i) bits |= found[16 * item + i] << (2 * i);
        classes[rowTile * classWords + classWord] = bits;
    }
}

// The states before each chunk on matrix units. A work-group has a block of a head's state in its accumulators while it
// walks the chunks.
#define FACTORS BLOCK_ROWS
#include "../matrix_states.glsl"

TENSOR_A(STORED, A);

#include "../decays.glsl"

void main() {
    const int head = int(gl_WorkGroupID.y), batch = int(gl_WorkGroupID.z);
    const float rate = LOAD(A[head]) * LOG2_E;
    beginBlock();
    for (int chunk = 0; chunk < chunkCount(); ++chunk) {
        beginStates(head, chunk, batch);
        storeBlock();
        if (chunk + 1 == chunkCount()) break;
        const int widthBase = (batch * L + chunk * CHUNK) * H + head;
        sumDecays(widthBase, rate, CHUNK, item);
        const vec2 last = sums[CHUNK - 1];
        for (int step = item; step < CHUNK; step += ITEMS)
            stepFactors[step] = exp2(difference(last, sums[step])) * LOAD(dt[widthBase + step * H]);
        for (int row = item; row < BLOCK_ROWS; row += ITEMS) rowFactors[row] = exp2(last.x);
        barrier();
        scaleBlock();
        multiplySlices(CHUNK);
    }
}

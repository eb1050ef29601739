// What the stages of a mixture of experts share: a work-group's tile lies within the rows of one expert, in the order
// of expert_slots, and its right operand is that expert's matrix. A work-group beyond the expert's rows goes through
// the same barriers with nothing to do: PoCL crashes where a return that depends on memory precedes a barrier.
// SINGLE_ROW: no expert has more than one row.
#include "../opencl/products.cl"
#include "active_expert.cl"

// Which rows of the left operand the tile's rows are: those of the slots' tokens, or with `chosen` 0 the rows
// themselves.
static inline void find_places(
    __local int *places, __global const int *slots, int row0, int end, int chosen, int item) {
    for (int row = item; row < TILE_ROWS; row += 64) {
        const int place = row0 + row;
        places[row] = place >= end ? -1 : chosen > 0 ? slots[place] / chosen : place;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
}

// Sums of work-items that share a row, added by halves in shared memory.
#ifndef PARTIAL_GLSL
#define PARTIAL_GLSL

shared vec4 firstParts[64], secondParts[64];

// Adds the sums of `count` parts, a power of two, LANES work-items apart; part 0 gets the total.
Sums total(Sums own, int item, int part, int count) {
    firstParts[item] = own.first;
    if (COLUMNS > 1) secondParts[item] = own.second;
    for (int width = count / 2; width > 0; width /= 2) {
        barrier();
        if (part < width) {
            firstParts[item] += firstParts[item + width * LANES];
            if (COLUMNS > 1) secondParts[item] += secondParts[item + width * LANES];
        }
    }
    return Sums(firstParts[item], COLUMNS > 1 ? secondParts[item] : vec4(0.0));
}

#endif

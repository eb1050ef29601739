// The merge path (Merrill and Garland 2016, section 3): the ends of rows merged with the stored elements. Step d has
// finished r rows and done d − r elements. Include after joulemark_kernel.h.

#define merge_row JM(merge_row)

/// Rows that are finished after `step` steps: the largest r with r + (the end of row r − 1) ≤ step.
JM_INLINE int merge_row(const int32_t *offsets, int rows, int64_t step) {
    int low = 0, high = (int64_t)rows < step ? rows : (int)step;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if ((int64_t)middle + 1 + offsets[middle + 1] <= step) low = middle + 1;
        else high = middle;
    }
    return low;
}

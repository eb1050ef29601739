JOULEMARK_STAGE {
    __local float maxima[WORK_GROUP_SIZE_X], sums[WORK_GROUP_SIZE_X];
    const int item = get_local_id(0);
    x += get_group_id(0) * (size_t)D;
    y += get_group_id(0) * (size_t)D;
    float largest = -FLT_MAX / 2, sum = 0.0f;
    for (int i = item; i < D; i += WORK_GROUP_SIZE_X) {
        const float higher = fmax(x[i], largest);
        sum = sum * exp(largest - higher) + exp(x[i] - higher);
        largest = higher;
    }
    maxima[item] = largest;
    sums[item] = sum;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int reach = WORK_GROUP_SIZE_X / 2; reach > 0; reach /= 2) {
        if (item < reach) {
            const float higher = fmax(maxima[item], maxima[item + reach]);
            sums[item] = sums[item] * exp(maxima[item] - higher)
                + sums[item + reach] * exp(maxima[item + reach] - higher);
            maxima[item] = higher;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    for (int i = item; i < D; i += WORK_GROUP_SIZE_X) y[i] = exp(x[i] - maxima[0]) / sums[0];
}

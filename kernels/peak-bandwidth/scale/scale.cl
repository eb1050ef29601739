// y = 0.5 * x, 4096 elements a work-group, read and written 16 bytes a work-item side by side.
JOULEMARK_STAGE {
    const size_t start = get_group_id(0) * (size_t)1024 + get_local_id(0);
#pragma unroll 4
    for (int i = 0; i < 16; ++i) vstore4(vload4(start + i * 64, x) * 0.5f, start + i * 64, y);
}

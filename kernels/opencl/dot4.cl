// Sums of four products of 8-bit integers, by the instruction of NVIDIA's devices from Pascal on.
static inline int dot4(uint a, uint b, int sum)
{
    int result;
    asm("dp4a.s32.s32 %0, %1, %2, %3;" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
    return result;
}

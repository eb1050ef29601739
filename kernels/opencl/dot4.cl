// Sums of four products of 8-bit integers: with INTEGER_DOT by the language's own function, of devices with
// cl_khr_integer_dot_product; with DP4A by the instruction of NVIDIA's devices from Pascal on; else in plain code.
#if INTEGER_DOT
#pragma OPENCL EXTENSION cl_khr_integer_dot_product : enable
static inline int dot4(uint a, uint b, int sum) { return dot_4x8packed_ss_int(a, b) + sum; }
#elif DP4A
static inline int dot4(uint a, uint b, int sum) {
    int result;
    asm("dp4a.s32.s32 %0, %1, %2, %3;" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
    return result;
}
#else
static inline int dot4(uint a, uint b, int sum) {
    const int4 left = convert_int4(as_char4(a)), right = convert_int4(as_char4(b));
    const int4 products = left * right;
    return sum + ((products.x + products.y) + (products.z + products.w));
}
#endif

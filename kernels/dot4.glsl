// Sums of four products of 8-bit integers: with INTEGER_DOT by the instruction of SPV_KHR_integer_dot_product, which is
// named here by its number, because compilers have no name for it; else in plain code.
#ifdef INTEGER_DOT
#extension GL_EXT_spirv_intrinsics : require
spirv_instruction(extensions = ["SPV_KHR_integer_dot_product"], capabilities = [6018, 6019], id = 4450)
int packedProduct(int left, int right, spirv_literal int format);

int dot4(int left, int right, int sum) { return packedProduct(left, right, 0) + sum; }
#else
int dot4(int left, int right, int sum) {
    [[unroll]] for (int i = 0; i < 4; ++i) sum += bitfieldExtract(left, 8 * i, 8) * bitfieldExtract(right, 8 * i, 8);
    return sum;
}
#endif

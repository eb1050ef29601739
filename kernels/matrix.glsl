// Products of small matrices, MATRIX_M × MATRIX_K times MATRIX_K × MATRIX_N, by the work-items of a sub-group together:
// on matrix units by GL_KHR_cooperative_matrix, or, with MATRIX_EMULATED, the same by plain code, with LANES
// neighbouring work-items in the place of a sub-group. So a kernel's logic is tested on every driver; the emulation is
// not made to be fast.
//
// Operands are read from shared memory, where the kernel lays them out in `operandTile`, eight stored elements a word
// of 16 bytes; sums go there and back through `sumTile`, four a word. Places and strides count words. Include after
// OPERAND_WORDS, SUM_WORDS and FACTORS are defined. With MATRIX_INT8, operands are signed bytes, sixteen a word, and
// sums integers.
//
//     MATRIX_A left; MATRIX_B right; MATRIX_SUM sum;
//     matrixClear(sum);
//     matrixLoadA(left, place, stride);                the rows of A one after the other
//     matrixLoadTransposedA(left, place, stride);      the columns of A, K of them
//     matrixLoadB(right, place, stride);               the rows of B, of which K is the number
//     matrixLoadTransposedB(right, place, stride);     the columns of B, N of them
//     matrixMultiplyAdd(left, right, sum);             sum += left · right
//     matrixScaleRows(sum, place);                     each row times its number in rowFactors
//     matrixStore(sum, place, stride);                 to sumTile
//
// Loops over matrices begin with MATRIX_LOOP: on matrix units they are unrolled.
//
// All work-items of a work-group come to each of these together. What was loaded must stay as it is in shared memory
// until it has been multiplied: the emulation reads it only then.
#ifndef MATRIX_GLSL
#define MATRIX_GLSL

#include "storage.glsl"

#ifdef MATRIX_INT8
#define SUM_ELEMENT int
#define SUM_QUAD ivec4
#else
#define SUM_ELEMENT float
#define SUM_QUAD vec4
#endif

shared uvec4 operandTile[OPERAND_WORDS];
shared SUM_QUAD sumTile[SUM_WORDS];
#ifdef FACTORS
shared float rowFactors[FACTORS];
#endif

#ifdef MATRIX_EMULATED

// Unrolled, the emulation of many products would take drivers minutes to compile.
#define MATRIX_LOOP [[dont_unroll]]

const int ELEMENTS = (MATRIX_M * MATRIX_N + LANES - 1) / LANES;  // of a sum, those of a work-item

struct Operand {
    int place, stride;
    bool isTransposed;
};
struct Sum {
    SUM_ELEMENT elements[ELEMENTS];
};

#define MATRIX_A Operand
#define MATRIX_B Operand
#define MATRIX_SUM Sum

int matrixGroup() { return int(gl_LocalInvocationIndex) / LANES; }
int matrixLane() { return int(gl_LocalInvocationIndex) % LANES; }

SUM_ELEMENT operandElement(Operand operand, int row, int column) {
#ifdef MATRIX_INT8
    const uvec4 bytes = operandTile[operand.place + row * operand.stride + column / 16];
    return bitfieldExtract(int(bytes[column / 4 % 4]), column % 4 * 8, 8);
#else
    const uint word = operandTile[operand.place + row * operand.stride + column / 8][column / 2 % 4];
#ifdef STORAGE_BF16
    return uintBitsToFloat(column % 2 == 0 ? word << 16 : word & 0xffff0000u);
#else
    return unpackHalf2x16(word)[column % 2];
#endif
#endif
}

void matrixLoadA(out Operand operand, int place, int stride) { operand = Operand(place, stride, false); }
void matrixLoadTransposedA(out Operand operand, int place, int stride) { operand = Operand(place, stride, true); }
void matrixLoadB(out Operand operand, int place, int stride) { operand = Operand(place, stride, false); }
void matrixLoadTransposedB(out Operand operand, int place, int stride) { operand = Operand(place, stride, true); }

void matrixClear(out Sum sum) {
    MATRIX_LOOP for (int i = 0; i < ELEMENTS; ++i) sum.elements[i] = SUM_ELEMENT(0);
}

// Element i of a work-item is one of every LANES: row by row.
int elementOf(int i) { return i * LANES + matrixLane(); }

void matrixMultiplyAdd(Operand left, Operand right, inout Sum sum) {
    MATRIX_LOOP for (int i = 0; i < ELEMENTS; ++i) {
        const int row = elementOf(i) / MATRIX_N, column = elementOf(i) % MATRIX_N;
        if (row >= MATRIX_M) break;
        SUM_ELEMENT total = sum.elements[i];
        MATRIX_LOOP for (int k = 0; k < MATRIX_K; ++k)
            total += (left.isTransposed ? operandElement(left, k, row) : operandElement(left, row, k))
                * (right.isTransposed ? operandElement(right, column, k) : operandElement(right, k, column));
        sum.elements[i] = total;
    }
}

#ifdef FACTORS
void matrixScaleRows(inout Sum sum, int place) {
    MATRIX_LOOP for (int i = 0; i < ELEMENTS; ++i)
        if (elementOf(i) < MATRIX_M * MATRIX_N) sum.elements[i] *= rowFactors[place + elementOf(i) / MATRIX_N];
}
#endif

void matrixStore(Sum sum, int place, int stride) {
    MATRIX_LOOP for (int i = 0; i < ELEMENTS; ++i) {
        const int row = elementOf(i) / MATRIX_N, column = elementOf(i) % MATRIX_N;
        if (row < MATRIX_M) sumTile[place + row * stride + column / 4][column % 4] = sum.elements[i];
    }
}

#else

#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_shader_subgroup_basic : require
#ifdef MATRIX_INT8
#extension GL_EXT_shader_explicit_arithmetic_types_int8 : require
#define MATRIX_ELEMENT int8_t
#elif defined(STORAGE_BF16)
#extension GL_EXT_bfloat16 : require
#define MATRIX_ELEMENT bfloat16_t
#else
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#define MATRIX_ELEMENT float16_t
#endif

#define MATRIX_LOOP [[unroll]]

#define MATRIX_A coopmat<MATRIX_ELEMENT, gl_ScopeSubgroup, MATRIX_M, MATRIX_K, gl_MatrixUseA>
#define MATRIX_B coopmat<MATRIX_ELEMENT, gl_ScopeSubgroup, MATRIX_K, MATRIX_N, gl_MatrixUseB>
#define MATRIX_SUM coopmat<SUM_ELEMENT, gl_ScopeSubgroup, MATRIX_M, MATRIX_N, gl_MatrixUseAccumulator>

int matrixGroup() { return int(gl_SubgroupID); }
int matrixLane() { return int(gl_SubgroupInvocationID); }

#define matrixClear(sum) sum = MATRIX_SUM(SUM_ELEMENT(0))
#define matrixLoadA(operand, place, stride) \
    coopMatLoad(operand, operandTile, uint(place), uint(stride), gl_CooperativeMatrixLayoutRowMajor)
#define matrixLoadTransposedA(operand, place, stride) \
    coopMatLoad(operand, operandTile, uint(place), uint(stride), gl_CooperativeMatrixLayoutColumnMajor)
#define matrixLoadB(operand, place, stride) \
    coopMatLoad(operand, operandTile, uint(place), uint(stride), gl_CooperativeMatrixLayoutRowMajor)
#define matrixLoadTransposedB(operand, place, stride) \
    coopMatLoad(operand, operandTile, uint(place), uint(stride), gl_CooperativeMatrixLayoutColumnMajor)
#define matrixMultiplyAdd(left, right, sum) sum = coopMatMulAdd(left, right, sum)
#define matrixStore(sum, place, stride) \
    coopMatStore(sum, sumTile, uint(place), uint(stride), gl_CooperativeMatrixLayoutRowMajor)

// A matrix of which every column is the factors: its elements lie with the work-items that have the sum's.
#define matrixScaleRows(sum, place) \
    { \
        MATRIX_SUM factors; \
        coopMatLoad(factors, rowFactors, uint(place), 0u, gl_CooperativeMatrixLayoutColumnMajor); \
        [[unroll]] for (int element = 0; element < sum.length(); ++element) sum[element] *= factors[element]; \
    }

#endif

// The bits of a stored element; those of four floats, as they are stored, and back.
#if defined(STORAGE_BF16)
#define STORED_BITS(value) uint(value)
vec4 storedFloats(uvec2 bits) {
    return uintBitsToFloat(uvec4(bits.x << 16, bits.x & 0xffff0000u, bits.y << 16, bits.y & 0xffff0000u));
}
uvec2 storedQuad(vec4 values) {
    const uvec4 halves = upperHalf(floatBitsToUint(values));
    return uvec2(halves.x | halves.y << 16, halves.z | halves.w << 16);
}
#elif defined(STORAGE_F16)
#define STORED_BITS(value) packHalf2x16(vec2(LOAD(value), 0.0))
vec4 storedFloats(uvec2 bits) { return vec4(unpackHalf2x16(bits.x), unpackHalf2x16(bits.y)); }
uvec2 storedQuad(vec4 values) { return uvec2(packHalf2x16(values.xy), packHalf2x16(values.zw)); }
#endif

// Declares `word`: eight elements from a place on of a row of `count` that begins at `base`, 0 past the row's end.
// `wide` is a view of the tensor in words, which serves where all rows begin with one.
#define ROW_WORD(word, tensor, wide, base, place, count) \
    uvec4 word = uvec4(0u); \
    if ((count) % 8 == 0) { \
        if ((place) < (count)) word = wide[((base) + (place)) / 8]; \
    } else { \
        [[unroll]] for (int ofWord = 0; ofWord < 8; ++ofWord) \
            if ((place) + ofWord < (count)) \
                word[ofWord / 2] |= STORED_BITS(tensor[(base) + (place) + ofWord]) << (ofWord % 2 * 16); \
    }

#endif

// Products of matrices of 16 × 16 by warps of 32 work-items: on NVIDIA's matrix units by mma.sync, from Ampere on, in
// PTX as its OpenCL C takes it; or, with MMA_EMULATED, the same by plain code, whose elements lie with the work-items
// where PTX says, so that a kernel's logic and its use of registers are tested on every driver. The emulation is not
// made to be fast.
//
// Operands are read from local memory, eight stored elements a word of 16 bytes, or, with MMA_INT8, sixteen signed
// bytes, which makes products 32 deep. Places and strides count words.
//
//     mma_operand left, right; mma_sum sum;
//     mma_clear(&sum);
//     mma_load_a(&left, tile + place, stride);                 the rows of A one after the other
//     mma_load_b(&right, tile + place, stride);                the rows of B, depth of them; not of bytes
//     mma_load_transposed_b(&right, tile + place, stride);     the columns of B
//     mma_add(&sum, left, right, exchange);                    sum += left · right
//
// A work-item has eight elements of a sum: those of MMA_ROW(lane, i) and MMA_COLUMN(lane, i). The same place holds an
// operand's elements that are next to each other along the depth in one register: so sums become an operand where they
// are.
//
// `exchange` is what MMA_EXCHANGE declares in the kernel: local memory through which the emulation reads registers of
// other work-items. All work-items of a work-group come to mma_add and to mma_quad_max and mma_quad_sum together.
//
// Sources: PTX ISA, "Matrix Fragments for mma.m16n8k16 with floating point type" and "... mma.m16n8k32"; ldmatrix.

#include "storage.cl"

typedef struct mma_operand {
    uint words[4];
} mma_operand;
#ifdef MMA_INT8
typedef int mma_element;
#else
typedef float mma_element;
#endif
typedef struct mma_sum {
    mma_element s[8];
} mma_sum;

#define MMA_ROW(lane, i) ((lane) / 4 + (i) / 2 % 2 * 8)
#define MMA_COLUMN(lane, i) ((lane) % 4 * 2 + (i) % 2 + (i) / 4 * 8)

INLINED void mma_clear(mma_sum *sum) {
#pragma unroll
    for (int i = 0; i < 8; ++i) sum->s[i] = 0;
}

#ifdef MMA_EMULATED

// Unrolled, the emulation of many products would take drivers minutes to compile.
#define MMA_LOOP
#define MMA_EXCHANGE __local uint exchange[WORK_GROUP_SIZE_X * 8]

// Register i has a row of its 8 × 8, two elements from the work-item's place in it on.
INLINED uint mma_pair(__local const uint4 *row) { return ((__local const uint *)row)[get_local_id(0) % 4]; }

INLINED void mma_load_a(mma_operand *a, __local const uint4 *from, int stride) {
    const int row = get_local_id(0) % 32 / 4;
    for (int i = 0; i < 4; ++i) a->words[i] = mma_pair(from + (row + i % 2 * 8) * stride + i / 2);
}

INLINED void mma_load_transposed_b(mma_operand *b, __local const uint4 *from, int stride) {
    const int column = get_local_id(0) % 32 / 4;
    for (int i = 0; i < 4; ++i) b->words[i] = mma_pair(from + (column + i / 2 * 8) * stride + i % 2);
}

INLINED void mma_load_b(mma_operand *b, __local const uint4 *from, int stride) {
    const int lane = get_local_id(0) % 32;
    for (int i = 0; i < 4; ++i) {
        __local const ushort *row = (__local const ushort *)(from + (lane % 4 * 2 + i % 2 * 8) * stride + i / 2);
        b->words[i] = row[lane / 4] | (uint)row[lane / 4 + 8 * stride] << 16;
    }
}

// The products of two registers' elements, summed.
INLINED mma_element mma_products(uint a, uint b) {
#ifdef MMA_INT8
    const int4 products = convert_int4(as_char4(a)) * convert_int4(as_char4(b));
    return (products.x + products.y) + (products.z + products.w);
#elif defined(STORAGE_BF16)
    return as_float(a << 16) * as_float(b << 16) + as_float(a & 0xffff0000u) * as_float(b & 0xffff0000u);
#else
    const float2 left = vload_half2(0, (const half *)&a), right = vload_half2(0, (const half *)&b);
    return left.x * right.x + left.y * right.y;
#endif
}

INLINED void mma_add(mma_sum *sum, mma_operand a, mma_operand b, __local uint *exchange) {
    const int item = get_local_id(0), lane = item % 32;
    for (int i = 0; i < 4; ++i) {
        exchange[item * 8 + i] = a.words[i];
        exchange[item * 8 + 4 + i] = b.words[i];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    __local const uint *warp = exchange + (item - lane) * 8;
    for (int i = 0; i < 8; ++i) {
        const int row = MMA_ROW(lane, i), column = MMA_COLUMN(lane, i);
        mma_element total = sum->s[i];
        for (int step = 0; step < 8; ++step) {
            const uint left = warp[(row % 8 * 4 + step % 4) * 8 + row / 8 + step / 4 * 2];
            const uint right = warp[(column % 8 * 4 + step % 4) * 8 + 4 + column / 8 * 2 + step / 4];
            total += mma_products(left, right);
        }
        sum->s[i] = total;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
}

// The value of the work-item whose lane differs in some bits.
INLINED float mma_other(float value, int bits, __local uint *exchange) {
    const int item = get_local_id(0);
    exchange[item] = as_uint(value);
    barrier(CLK_LOCAL_MEM_FENCE);
    const float other = as_float(exchange[item ^ bits]);
    barrier(CLK_LOCAL_MEM_FENCE);
    return other;
}

// Two floats as they are stored, the first in the lower half.
INLINED uint mma_stored(float first, float second) {
#ifdef STORAGE_BF16
    return upper_half(as_uint(first)) | (uint)upper_half(as_uint(second)) << 16;
#else
    uint word;
    vstore_half2_rte((float2)(first, second), 0, (half *)&word);
    return word;
#endif
}

// 16 bytes on their way to local memory, or zeros; they are there after mma_arrived, and a barrier, for others.
INLINED void mma_fetch(__local uint4 *to, __global const uint4 *from, int isInside) {
    *to = isInside ? *from : (uint4)(0u);
}
INLINED void mma_close() {}
#define mma_arrived(pending)

#else

#define MMA_LOOP _Pragma("unroll")
#define MMA_EXCHANGE __local uint *const exchange = 0

// Every eight work-items name the rows of one 8 × 8.
#define MMA_LDMATRIX(form, operand, address)                                                                           \
    asm volatile("ldmatrix.sync.aligned.m8n8.x4" form ".shared.b16 {%0, %1, %2, %3}, [%4];"                            \
                 : "=r"((operand)->words[0]), "=r"((operand)->words[1]), "=r"((operand)->words[2]),                    \
                   "=r"((operand)->words[3])                                                                           \
                 : "r"((uint)(size_t)(address)))

INLINED void mma_load_a(mma_operand *a, __local const uint4 *from, int stride) {
    const int lane = get_local_id(0) % 32;
    MMA_LDMATRIX("", a, from + lane % 16 * stride + lane / 16);
}

INLINED void mma_load_transposed_b(mma_operand *b, __local const uint4 *from, int stride) {
    const int lane = get_local_id(0) % 32;
    MMA_LDMATRIX("", b, from + (lane % 8 + lane / 16 * 8) * stride + lane / 8 % 2);
}

INLINED void mma_load_b(mma_operand *b, __local const uint4 *from, int stride) {
    const int lane = get_local_id(0) % 32;
    MMA_LDMATRIX(".trans", b, from + lane % 16 * stride + lane / 16);
}

#if defined(MMA_INT8)
#define MMA_INSTRUCTION "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32"
#define MMA_SUM "+r"
#elif defined(STORAGE_BF16)
#define MMA_INSTRUCTION "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32"
#define MMA_SUM "+f"
#else
#define MMA_INSTRUCTION "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32"
#define MMA_SUM "+f"
#endif

INLINED void mma_add(mma_sum *sum, mma_operand a, mma_operand b, __local uint *exchange) {
#pragma unroll
    for (int n = 0; n < 2; ++n)
        asm volatile(MMA_INSTRUCTION " {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                     : MMA_SUM(sum->s[4 * n]), MMA_SUM(sum->s[4 * n + 1]), MMA_SUM(sum->s[4 * n + 2]),
                       MMA_SUM(sum->s[4 * n + 3])
                     : "r"(a.words[0]), "r"(a.words[1]), "r"(a.words[2]), "r"(a.words[3]), "r"(b.words[2 * n]),
                       "r"(b.words[2 * n + 1]));
}

INLINED float mma_other(float value, int bits, __local uint *exchange) {
    float other;
    asm volatile("shfl.sync.bfly.b32 %0, %1, %2, 31, 0xffffffff;" : "=f"(other) : "f"(value), "r"(bits));
    return other;
}

INLINED uint mma_stored(float first, float second) {
    uint word;
#ifdef STORAGE_BF16
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(second), "f"(first));
#else
    asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(second), "f"(first));
#endif
    return word;
}

INLINED void mma_fetch(__local uint4 *to, __global const uint4 *from, int isInside) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;"
                 :
                 : "r"((uint)(size_t)to), "l"(from), "r"(isInside ? 16 : 0)
                 : "memory");
}
INLINED void mma_close() { asm volatile("cp.async.commit_group;" : : : "memory"); }
// All but the last `pending` groups that mma_close has closed.
#define mma_arrived(pending) asm volatile("cp.async.wait_group %0;" : : "n"(pending) : "memory")

#endif

// Over the four work-items that share the rows of a sum.
INLINED float mma_quad_max(float value, __local uint *exchange) {
    value = fmax(value, mma_other(value, 1, exchange));
    return fmax(value, mma_other(value, 2, exchange));
}

INLINED float mma_quad_sum(float value, __local uint *exchange) {
    value += mma_other(value, 1, exchange);
    return value + mma_other(value, 2, exchange);
}

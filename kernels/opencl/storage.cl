// How tensors lie in memory: elements are stored as f32, f16 or bf16; arithmetic is always float. A pointer to half
// needs no extension, and bfloat16 is the upper half of a float.
//
// LOAD4 and its like may begin at any element, which is all that a compiler knows of vload4: on a GPU it becomes four
// loads. Those whose name ends in ALIGNED begin at a multiple of four elements and are one, of 16 bytes in f32.

// What a function is that asks which work-item it runs for. PoCL keeps that in variables of the program, one for all
// its threads, and only in functions that are inlined takes a work-item's own: one that the compiler leaves alone may
// read another's.
#define INLINED static inline __attribute__((always_inline))

#ifdef STORAGE_F16
typedef half stored;
#define LOAD1(pointer, index) vload_half((index), (pointer))
#define LOAD4(pointer, index) vload_half4(0, (pointer) + (index))
#define LOAD4_ALIGNED(pointer, index) vloada_half4(0, (pointer) + (index))
#define LOAD8(pointer, index) vload_half8(0, (pointer) + (index))
#define STORE1(pointer, index, value) vstore_half_rte((value), (index), (pointer))
#define STORE4(pointer, index, value) vstore_half4_rte((value), 0, (pointer) + (index))
#define STORE4_ALIGNED(pointer, index, value) vstorea_half4_rte((value), 0, (pointer) + (index))
#define STORE8(pointer, index, value) vstore_half8_rte((value), 0, (pointer) + (index))
#elif defined(STORAGE_BF16)
typedef ushort stored;

// The upper halves of floats, rounded to the nearest, ties to even.
#define UPPER_HALF(uintN, ushortN, bits)                                                                               \
    convert_##ushortN(select(                                                                                          \
        (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16, (uintN)(0x7fc0u), (bits & 0x7fffffffu) > (uintN)(0x7f800000u)))
static inline ushort upper_half(uint bits) {
    return (bits & 0x7fffffffu) > 0x7f800000u ? 0x7fc0 : (ushort)((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}
static inline ushort4 upper_half4(uint4 bits) { return UPPER_HALF(uint4, ushort4, bits); }
static inline ushort8 upper_half8(uint8 bits) { return UPPER_HALF(uint8, ushort8, bits); }

#define LOAD1(pointer, index) as_float((uint)(pointer)[index] << 16)
#define LOAD4(pointer, index) as_float4(convert_uint4(vload4(0, (pointer) + (index))) << 16)
#define LOAD4_ALIGNED(pointer, index) as_float4(convert_uint4(*(__global const ushort4 *)((pointer) + (index))) << 16)
#define LOAD8(pointer, index) as_float8(convert_uint8(vload8(0, (pointer) + (index))) << 16)
#define STORE1(pointer, index, value) (pointer)[index] = upper_half(as_uint((float)(value)))
#define STORE4(pointer, index, value) vstore4(upper_half4(as_uint4(value)), 0, (pointer) + (index))
#define STORE4_ALIGNED(pointer, index, value) *(__global ushort4 *)((pointer) + (index)) = upper_half4(as_uint4(value))
#define STORE8(pointer, index, value) vstore8(upper_half8(as_uint8(value)), 0, (pointer) + (index))
#else
typedef float stored;
#define LOAD1(pointer, index) (pointer)[index]
#define LOAD4(pointer, index) vload4(0, (pointer) + (index))
#define LOAD4_ALIGNED(pointer, index) (*(__global const float4 *)((pointer) + (index)))
#define LOAD8(pointer, index) vload8(0, (pointer) + (index))
#define STORE1(pointer, index, value) (pointer)[index] = (value)
#define STORE4(pointer, index, value) vstore4((value), 0, (pointer) + (index))
#define STORE4_ALIGNED(pointer, index, value) *(__global float4 *)((pointer) + (index)) = (value)
#define STORE8(pointer, index, value) vstore8((value), 0, (pointer) + (index))
#endif
// Intermediates that are floats whatever the storage.
#define LOAD4_F32(pointer, index) vload4(0, (pointer) + (index))
#define LOAD8_F32(pointer, index) vload8(0, (pointer) + (index))
#define STORE4_F32(pointer, index, value) vstore4((value), 0, (pointer) + (index))
#define LOAD4_F32_ALIGNED(pointer, index) (*(__global const float4 *)((pointer) + (index)))
#define STORE4_F32_ALIGNED(pointer, index, value) *(__global float4 *)((pointer) + (index)) = (value)
#define STORE8_F32(pointer, index, value) vstore8((value), 0, (pointer) + (index))

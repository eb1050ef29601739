// How tensors lie in memory: 32- or 16-bit floats, chosen when the stage is compiled. Arithmetic is always 32-bit.
//
// STORED and STORED4 are the types of an element and of four; LOAD and LOAD4 make floats of what was read, STORE and
// STORE4 the reverse, rounded to the nearest.
#ifndef STORAGE_GLSL
#define STORAGE_GLSL

#extension GL_EXT_control_flow_attributes : require
#if defined(STORAGE_F16)
#extension GL_EXT_shader_16bit_storage : require
#define STORED float16_t
#define STORED4 f16vec4
#define LOAD float
#define LOAD4 vec4
#define STORE float16_t
#define STORE4 f16vec4
#elif defined(STORAGE_BF16)
#extension GL_EXT_shader_16bit_storage : require
#define STORED uint16_t
#define STORED4 u16vec4
#define LOAD(value) uintBitsToFloat(uint(value) << 16)
#define LOAD4(value) uintBitsToFloat(uvec4(value) << 16)
#define STORE(value) uint16_t(upperHalf(uvec4(floatBitsToUint(value))).x)
#define STORE4(value) u16vec4(upperHalf(floatBitsToUint(value)))

// The upper halves of float32 numbers, rounded to the nearest, ties to even.
uvec4 upperHalf(uvec4 bits) {
    const uvec4 rounded = (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16;
    return mix(rounded, uvec4(0x7fc0u), greaterThan(bits & 0x7fffffffu, uvec4(0x7f800000u)));
}
#else
#define STORED float
#define STORED4 vec4
#define LOAD float
#define LOAD4 vec4
#define STORE float
#define STORE4 vec4
#endif

#endif

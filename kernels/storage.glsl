// How tensors lie in memory: 32- or 16-bit floats, chosen when the stage is compiled. Arithmetic is always 32-bit.
#ifndef STORAGE_GLSL
#define STORAGE_GLSL

#extension GL_EXT_control_flow_attributes : require
#if defined(STORAGE_F16)
#extension GL_EXT_shader_16bit_storage : require
#define STORED float16_t
#define STORED4 f16vec4
#else
#define STORED float
#define STORED4 vec4
#endif

#endif

// What the softmax stages, which read and write rows of scores, share.
#define ROWS 1
#include "../opencl/tiles.cl"
#include "visible.cl"

#define ITEMS 64
#define SMALLEST (-FLT_MAX / 2)

// The vector width: 16 bytes a work-item are what a GPU reads best, 8 floats are a processor's register.
#ifdef HOST_PROCESSOR
#define WIDTH 8
#define VECTOR float8
#define LOAD_VECTOR LOAD8_F32
#define STORE_VECTOR STORE8_F32
#define MAXIMUM(v) fmax(fmax(fmax(v.s0, v.s1), fmax(v.s2, v.s3)), fmax(fmax(v.s4, v.s5), fmax(v.s6, v.s7)))
#define SUM(v) (((v.s0 + v.s1) + (v.s2 + v.s3)) + ((v.s4 + v.s5) + (v.s6 + v.s7)))
#else
#define WIDTH 4
#define VECTOR float4
#define LOAD_VECTOR LOAD4_F32
#define STORE_VECTOR STORE4_F32
#define MAXIMUM(v) fmax(fmax(v.x, v.y), fmax(v.z, v.w))
#define SUM(v) ((v.x + v.y) + (v.z + v.w))
#endif

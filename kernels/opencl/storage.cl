// How tensors lie in memory: elements are stored as f32 or f16; arithmetic is always float. A pointer to half needs no extension.
#ifdef STORAGE_F16
typedef half stored;
#define LOAD1(pointer, index) vload_half((index), (pointer))
#define LOAD4(pointer, index) vload_half4(0, (pointer) + (index))
#define LOAD8(pointer, index) vload_half8(0, (pointer) + (index))
#define STORE1(pointer, index, value) vstore_half_rte((value), (index), (pointer))
#define STORE4(pointer, index, value) vstore_half4_rte((value), 0, (pointer) + (index))
#define STORE8(pointer, index, value) vstore_half8_rte((value), 0, (pointer) + (index))
#else
typedef float stored;
#define LOAD1(pointer, index) (pointer)[index]
#define LOAD4(pointer, index) vload4(0, (pointer) + (index))
#define LOAD8(pointer, index) vload8(0, (pointer) + (index))
#define STORE1(pointer, index, value) (pointer)[index] = (value)
#define STORE4(pointer, index, value) vstore4((value), 0, (pointer) + (index))
#define STORE8(pointer, index, value) vstore8((value), 0, (pointer) + (index))
#endif
// Intermediates that are floats whatever the storage.
#define LOAD4_F32(pointer, index) vload4(0, (pointer) + (index))
#define LOAD8_F32(pointer, index) vload8(0, (pointer) + (index))
#define STORE4_F32(pointer, index, value) vstore4((value), 0, (pointer) + (index))
#define STORE8_F32(pointer, index, value) vstore8((value), 0, (pointer) + (index))

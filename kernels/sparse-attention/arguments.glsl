// The arguments of sparse attention's stages, behind those of attention.
#ifdef TAKES_TILE_ROWS
#define FURTHER_ARGUMENTS int block, localBlocks, globalBlocks, randomBlocks; float scale; int tileRows;
#else
#define FURTHER_ARGUMENTS int block, localBlocks, globalBlocks, randomBlocks; float scale;
#endif
#include "../attention/attention.glsl"

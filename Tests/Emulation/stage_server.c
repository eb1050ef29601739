// Runs stages for a parent whose processor cannot: compiled with all kernels for another processor, and run by an
// emulator.
//
// Reads requests from standard input and answers on standard output, in the byte order and with the number formats of
// both (little-endian, IEEE 754). A request begins with an operation; texts have their length before them:
//
//   1  make a buffer      u32 number, u64 bytes 2  free a buffer      u32 number 3  write to a buffer  u32 number, u64
//   bytes, the bytes 4  fill a buffer      u32 number, u32 pattern 5  read from a buffer u32 number, u64 bytes
//   answer: the bytes 6  find a stage       u32 number, texts family, strategy, stage,        answer: u32, 0 when there
//   is none, precision, instruction set; u32 count and values          else 1 + tensors << 8 + arguments << 16 of
//   arguments, the same of constants; 3 x u32 grid 7  run a stage        u32 number, u32 count and numbers of buffers
//   answer: u32 1
//
// Buffers and scratch memory end where memory ends, so that a stage that goes beyond them ends the server.

#include "joulemark_stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { LARGEST_NUMBER = 4096, LARGEST_TEXT = 256 };

struct memory {
    void *start;
    size_t bytes;
    void *mapping;
    size_t mappedBytes;
};

struct pipeline {
    const joulemark_stage *stage;
    joulemark_value *arguments, *constants;
    uint32_t argumentCount, constantCount, grid[3];
};

static struct memory buffers[LARGEST_NUMBER];
static struct pipeline pipelines[LARGEST_NUMBER];

static void stop(const char *reason) {
    fprintf(stderr, "stage server: %s\n", reason);
    exit(1);
}

static void get(void *to, size_t bytes) {
    if (bytes > 0 && fread(to, 1, bytes, stdin) != bytes) stop("a request is cut off");
}

static uint32_t get_word(void) {
    uint32_t word;
    get(&word, sizeof word);
    return word;
}

static uint64_t get_size(void) {
    uint64_t size;
    get(&size, sizeof size);
    return size;
}

static uint32_t get_number(void) {
    const uint32_t number = get_word();
    if (number >= LARGEST_NUMBER) stop("a number is too large");
    return number;
}

static void get_text(char text[LARGEST_TEXT]) {
    const uint32_t length = get_word();
    if (length >= LARGEST_TEXT) stop("a text is too long");
    get(text, length);
    text[length] = 0;
}

static joulemark_value *get_values(uint32_t *count) {
    *count = get_word();
    joulemark_value *values = calloc(*count + 1, sizeof *values);
    if (!values) stop("no memory");
    get(values, *count * sizeof *values);
    return values;
}

static void put(const void *from, size_t bytes) {
    if (fwrite(from, 1, bytes, stdout) != bytes) stop("the parent is gone");
}

static void put_word(uint32_t word) { put(&word, sizeof word); }

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHES_MEMORY
#endif
#endif

#if defined(WATCHES_MEMORY)

/// Memory beside which, on both sides, nothing can be touched unnoticed.
static struct memory make_memory(size_t bytes) {
    struct memory memory = {.bytes = bytes};
    // As much as the program's own buffers have: up to a multiple of 64.
    memory.mappedBytes = (bytes + 63) / 64 * 64;
    memory.start = memory.mapping = aligned_alloc(64, memory.mappedBytes > 0 ? memory.mappedBytes : 64);
    if (!memory.start) stop("no memory");
    memset(memory.start, 0, memory.mappedBytes);
    return memory;
}

static void free_memory(struct memory *memory) {
    free(memory->mapping);
    *memory = (struct memory){0};
}

#else

/// Memory that starts at a multiple of 64 and after whose last byte, up to that alignment, nothing can be touched.
static struct memory make_memory(size_t bytes) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), rounded = (bytes + 63) / 64 * 64;
    const size_t whole = (rounded + page - 1) / page * page;
    struct memory memory = {.bytes = bytes, .mappedBytes = whole + page};
    memory.mapping = mmap(NULL, memory.mappedBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory.mapping == MAP_FAILED) stop("no memory");
    if (mprotect((char *)memory.mapping + whole, page, PROT_NONE) != 0) stop("memory cannot be protected");
    memory.start = (char *)memory.mapping + whole - rounded;
    return memory;
}

static void free_memory(struct memory *memory) {
    if (memory->mapping) munmap(memory->mapping, memory->mappedBytes);
    *memory = (struct memory){0};
}

#endif

static void *buffer(uint32_t number, uint64_t bytes) {
    if (!buffers[number].mapping) stop("there is no such buffer");
    if (bytes > buffers[number].bytes) stop("a buffer is smaller than that");
    return buffers[number].start;
}

static const joulemark_stage *find(char names[5][LARGEST_TEXT]) {
    size_t count;
    const joulemark_stage *const *stages = joulemark_stages(&count);
    for (size_t i = 0; i < count; i++) {
        const char *own[] = {
            stages[i]->family, stages[i]->strategy, stages[i]->name, stages[i]->precision, stages[i]->instructionSet};
        int same = 1;
        for (int k = 0; k < 5; k++) same &= strcmp(own[k], names[k]) == 0;
        if (same) return stages[i];
    }
    return NULL;
}

static void find_stage(void) {
    struct pipeline *pipeline = &pipelines[get_number()];
    free(pipeline->arguments);
    free(pipeline->constants);
    char names[5][LARGEST_TEXT];
    for (int k = 0; k < 5; k++) get_text(names[k]);
    pipeline->stage = joulemark_supports(names[4]) ? find(names) : NULL;
    pipeline->arguments = get_values(&pipeline->argumentCount);
    pipeline->constants = get_values(&pipeline->constantCount);
    get(pipeline->grid, sizeof pipeline->grid);
    const joulemark_stage *stage = pipeline->stage;
    put_word(stage ? 1 + (stage->bufferCount << 8) + (stage->argumentCount << 16) : 0);
}

static void run_stage(void) {
    const struct pipeline *pipeline = &pipelines[get_number()];
    void *addresses[64];
    const uint32_t count = get_word();
    if (count > 64 || !pipeline->stage || count != pipeline->stage->bufferCount) stop("a stage has the wrong buffers");
    for (uint32_t i = 0; i < count; i++) addresses[i] = buffer(get_number(), 0);
    const joulemark_call call = {
        .buffers = addresses,
        .arguments = pipeline->arguments,
        .constants = pipeline->constants,
        .bufferCount = count,
        .argumentCount = pipeline->argumentCount,
        .constantCount = pipeline->constantCount,
        .workGroups = {pipeline->grid[0], pipeline->grid[1], pipeline->grid[2]},
        .cacheBytes = 256 << 10};
    struct memory scratch = make_memory(pipeline->stage->scratchBytes ? pipeline->stage->scratchBytes(&call) : 0);
    // Not-a-numbers, which show where they are read before they were written.
    memset(scratch.start, 0xff, scratch.bytes);
    for (uint32_t z = 0; z < call.workGroups[2]; z++)
        for (uint32_t y = 0; y < call.workGroups[1]; y++)
            for (uint32_t x = 0; x < call.workGroups[0]; x++) pipeline->stage->run(&call, x, y, z, scratch.start);
    free_memory(&scratch);
    put_word(1);
}

int main(void) {
    uint32_t operation;
    while (fread(&operation, sizeof operation, 1, stdin) == 1) {
        switch (operation) {
            case 1: {
                const uint32_t number = get_number();
                free_memory(&buffers[number]);
                buffers[number] = make_memory(get_size());
                break;
            }
            case 2:
                free_memory(&buffers[get_number()]);
                break;
            case 3: {
                const uint32_t number = get_number();
                const uint64_t bytes = get_size();
                get(buffer(number, bytes), bytes);
                break;
            }
            case 4: {
                const uint32_t number = get_number(), pattern = get_word();
                char *start = buffer(number, 0);
                for (size_t i = 0; i < buffers[number].bytes; i++) start[i] = (char)(pattern >> 8 * (i % 4));
                break;
            }
            case 5: {
                const uint32_t number = get_number();
                const uint64_t bytes = get_size();
                put(buffer(number, bytes), bytes);
                break;
            }
            case 6:
                find_stage();
                break;
            case 7:
                run_stage();
                break;
            default:
                stop("an operation is unknown");
        }
        fflush(stdout);
    }
    return 0;
}

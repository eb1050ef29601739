// The loop that a person would write around a CPU kernel to time it: no threads, no program around it.
//
//     cc -O2 -Ikernels/cpu/include -o bare_cpu Benchmarks/overhead/bare_cpu.c
//         kernels/cpu/registry.c <absolute path of paced.c> -lm
//     ./bare_cpu L D PACE      prints the median of seconds an execution

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "joulemark_stage.h"

enum { BLOCKS = 400, BLOCK_NANOSECONDS = 1000000 };

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static const joulemark_stage *find(void) {
    static const char *const sets[] = {"avx512", "avx2", "neon", "baseline"};
    size_t count;
    const joulemark_stage *const *stages = joulemark_stages(&count);
    for (size_t s = 0; s < sizeof sets / sizeof *sets; s++)
        for (size_t i = 0; i < count; i++)
            if (!strcmp(stages[i]->strategy, "paced") && !strcmp(stages[i]->instructionSet, sets[s])
                && joulemark_supports(sets[s]))
                return stages[i];
    return NULL;
}

static void execute(const joulemark_stage *stage, const joulemark_call *call) {
    for (uint32_t z = 0; z < call->workGroups[2]; z++)
        for (uint32_t y = 0; y < call->workGroups[1]; y++)
            for (uint32_t x = 0; x < call->workGroups[0]; x++) stage->run(call, x, y, z, NULL);
}

int main(int count, char **arguments) {
    const joulemark_stage *stage = find();
    if (count != 4 || !stage) return 64;
    const int L = atoi(arguments[1]), D = atoi(arguments[2]), pace = atoi(arguments[3]), W = 4;
    const size_t sizes[] = {(size_t)(L * D), (size_t)(D * W), (size_t)D, (size_t)(L * D)};
    void *buffers[4];
    for (int i = 0; i < 4; i++) {
        float *values = buffers[i] = aligned_alloc(4096, (sizes[i] * 4 + 4095) / 4096 * 4096);
        for (size_t j = 0; j < sizes[i]; j++) values[j] = (float)(rand() % 2001 - 1000) * 1e-3f;
    }
    const joulemark_value values[] = {
        {.integer = 1}, {.integer = L}, {.integer = D}, {.integer = W}, {.integer = pace}};
    const joulemark_call call = {
        .buffers = buffers,
        .arguments = values,
        .bufferCount = 4,
        .argumentCount = 5,
        .workGroups = {(uint32_t)D / 64, ((uint32_t)L + 15) / 16, 1}};
    for (int i = 0; i < 1000; i++) execute(stage, &call);
    static double seconds[BLOCKS];
    for (int block = 0; block < BLOCKS; block++) {
        const double begin = now();
        int executions = 0;
        do execute(stage, &call), executions++;
        while ((now() - begin) * 1e9 < BLOCK_NANOSECONDS);
        seconds[block] = (now() - begin) / executions;
    }
    qsort(seconds, BLOCKS, sizeof *seconds, ascending);
    printf("%.12g\n", seconds[BLOCKS / 2]);
    return 0;
}

#ifndef JOULEMARK_STAGE_H
#define JOULEMARK_STAGE_H

#include <stddef.h>
#include <stdint.h>

// The contract between the CPU backend and the stages that it runs. A kernel's author includes the stage's
// bindings instead.

/// An argument or a constant. Which member holds is known from strategy.json: expressions of integers are integers,
/// those with a real in them (`1 / sqrt(D)`) are reals.
typedef union joulemark_value {
    int32_t integer;
    float real;
} joulemark_value;

/// One dispatch, the same for all its work-groups.
typedef struct joulemark_call {
    /// The stage's tensors: those that it reads, then those that it writes and does not read, in the order of
    /// strategy.json. Each is aligned to 64 bytes.
    void *const *buffers;
    /// The family's parameters in the order of family.json, then the stage's scalars in the order of strategy.json.
    const joulemark_value *arguments;
    /// The strategy's tunables and constants, sorted by name.
    const joulemark_value *constants;
    uint32_t bufferCount;
    uint32_t argumentCount;
    uint32_t constantCount;
    /// The grid: work-groups along x, y and z.
    uint32_t workGroups[3];
    /// Bytes of a core's second-level cache.
    uint32_t cacheBytes;
} joulemark_call;

/// A stage compiled for one instruction set.
typedef struct joulemark_stage {
    const char *family;
    const char *strategy;
    const char *name;
    /// Storage precision: `f32`, `f16` or `bf16`.
    const char *precision;
    /// `baseline`, `avx2`, `avx512` or `neon`.
    const char *instructionSet;
    /// Tensors that the stage expects in `joulemark_call.buffers`.
    uint32_t bufferCount;
    /// Values that the stage expects in `joulemark_call.arguments`.
    uint32_t argumentCount;
    /// Bytes of memory that each thread needs to itself.
    size_t (*scratchBytes)(const joulemark_call *call);
    /// Does the work-group at (x, y, z). Several threads call this at once, each with its own `scratch`, which is
    /// aligned to 64 bytes and holds what the thread's previous work-group left there.
    void (*run)(const joulemark_call *call, uint32_t x, uint32_t y, uint32_t z, void *scratch);
} joulemark_stage;

/// The stages linked into this program or library, `*count` of them.
const joulemark_stage *const *joulemark_stages(size_t *count);

/// Whether the processor and the operating system support an instruction set of stages.
int joulemark_supports(const char *instructionSet);

#endif

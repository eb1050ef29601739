#ifndef JOULEMARK_KERNEL_H
#define JOULEMARK_KERNEL_H

#include <stddef.h>
#include <stdint.h>

// What a CPU stage gets. The contract between the C kernels and Backends/CPU.

#endif

#ifndef JOULEMARK_COPENCL_H
#define JOULEMARK_COPENCL_H

// Types and constants only: libOpenCL is opened at run time and never linked.
#define CL_TARGET_OPENCL_VERSION 300
#include <CL/cl.h>
#include <CL/cl_ext.h>

#endif

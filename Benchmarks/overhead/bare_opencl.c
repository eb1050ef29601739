// The loop that a person would write around an OpenCL kernel to time it: enqueue, finish, read the event's times.
//
//     cc -O2 -o bare_opencl Benchmarks/overhead/bare_opencl.c -lOpenCL
//     ./bare_opencl paced.cl L D PACE      prints the median of seconds an execution by the device's clock

#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <stdio.h>
#include <stdlib.h>

enum { EXECUTIONS = 4000, WARM_UPS = 200 };

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static char *contents(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) exit(66);
    char *text = calloc(1, 1 << 16);
    if (!fread(text, 1, (1 << 16) - 1, file)) exit(66);
    fclose(file);
    return text;
}

int main(int count, char **arguments) {
    if (count != 5) return 64;
    const char *source = contents(arguments[1]);
    const cl_int B = 1, L = atoi(arguments[2]), D = atoi(arguments[3]), W = 4, pace = atoi(arguments[4]);
    cl_platform_id platform;
    cl_device_id device;
    if (clGetPlatformIDs(1, &platform, NULL) || clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 1, &device, NULL))
        return 69;
    cl_context context = clCreateContext(NULL, 1, &device, NULL, NULL, NULL);
    cl_command_queue queue = clCreateCommandQueue(context, device, CL_QUEUE_PROFILING_ENABLE, NULL);
    cl_program program = clCreateProgramWithSource(context, 1, &source, NULL, NULL);
    if (clBuildProgram(program, 1, &device, "-cl-std=CL1.2", NULL, NULL)) return 70;
    cl_kernel kernel = clCreateKernel(program, "paced", NULL);
    const size_t sizes[] = {(size_t)(L * D), (size_t)(D * W), (size_t)D, (size_t)(L * D)};
    for (cl_uint i = 0; i < 4; i++) {
        float *values = malloc(sizes[i] * 4);
        for (size_t j = 0; j < sizes[i]; j++) values[j] = (float)(rand() % 2001 - 1000) * 1e-3f;
        cl_mem buffer = clCreateBuffer(context, CL_MEM_READ_WRITE | CL_MEM_COPY_HOST_PTR, sizes[i] * 4, values, NULL);
        clSetKernelArg(kernel, i, sizeof buffer, &buffer);
        free(values);
    }
    const cl_int values[] = {B, L, D, W, pace};
    for (cl_uint i = 0; i < 5; i++) clSetKernelArg(kernel, 4 + i, sizeof *values, &values[i]);
    const size_t global[] = {(size_t)D, ((size_t)L + 15) / 16, 1}, local[] = {64, 1, 1};
    static double seconds[EXECUTIONS];
    for (int i = -WARM_UPS; i < EXECUTIONS; i++) {
        cl_event event;
        if (clEnqueueNDRangeKernel(queue, kernel, 3, NULL, global, local, 0, NULL, &event)) return 71;
        clFinish(queue);
        cl_ulong begin = 0, end = 0;
        clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_START, sizeof begin, &begin, NULL);
        clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_END, sizeof end, &end, NULL);
        clReleaseEvent(event);
        if (i >= 0) seconds[i] = 1e-9 * (double)(end - begin);
    }
    qsort(seconds, EXECUTIONS, sizeof *seconds, ascending);
    printf("%.12g\n", seconds[EXECUTIONS / 2]);
    return 0;
}

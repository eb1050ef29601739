import COpenCL
import Platform

/// The functions of the OpenCL API that this backend calls, each with its C type (OpenCL 3.0 API specification; nothing
/// newer than 1.2 is needed). The one place that turns symbols of libOpenCL into functions.
@safe
struct OpenCLFunctions: Sendable {
    typealias Bytes = UnsafeMutableRawPointer
    typealias SizeOut = UnsafeMutablePointer<Int>
    typealias StatusOut = UnsafeMutablePointer<cl_int>
    typealias Objects = UnsafePointer<OpaquePointer?>
    typealias Sizes = UnsafePointer<Int>
    typealias EventOut = UnsafeMutablePointer<OpaquePointer?>
    typealias InfoQuery = @convention(c) (OpaquePointer?, cl_uint, Int, Bytes?, SizeOut?) -> cl_int
    typealias Release = @convention(c) (OpaquePointer?) -> cl_int
    typealias Notify = @convention(c) (OpaquePointer?, Bytes?) -> Void
    typealias ContextNotify = @convention(c) (UnsafePointer<CChar>?, UnsafeRawPointer?, Int, Bytes?) -> Void

    let getPlatformIDs:
        @convention(c) (cl_uint, UnsafeMutablePointer<OpaquePointer?>?, UnsafeMutablePointer<cl_uint>?) -> cl_int
    let getPlatformInfo: InfoQuery
    let getDeviceIDs:
        @convention(c) (
            OpaquePointer?, cl_device_type, cl_uint, UnsafeMutablePointer<OpaquePointer?>?,
            UnsafeMutablePointer<cl_uint>?
        ) -> cl_int
    let getDeviceInfo: InfoQuery

    let createContext:
        @convention(c) (UnsafePointer<Int>?, cl_uint, Objects?, ContextNotify?, Bytes?, StatusOut?) -> OpaquePointer?
    let releaseContext: Release
    let createCommandQueue:
        @convention(c) (OpaquePointer?, OpaquePointer?, cl_command_queue_properties, StatusOut?) -> OpaquePointer?
    let releaseCommandQueue: Release
    let flush: Release
    let finish: Release

    let createBuffer: @convention(c) (OpaquePointer?, cl_mem_flags, Int, Bytes?, StatusOut?) -> OpaquePointer?
    let releaseMemObject: Release
    let enqueueWriteBuffer:
        @convention(c) (
            OpaquePointer?, OpaquePointer?, cl_bool, Int, Int, UnsafeRawPointer?, cl_uint, Objects?, EventOut?
        ) -> cl_int
    let enqueueReadBuffer:
        @convention(c) (OpaquePointer?, OpaquePointer?, cl_bool, Int, Int, Bytes?, cl_uint, Objects?, EventOut?) ->
            cl_int
    let enqueueFillBuffer:
        @convention(c) (
            OpaquePointer?, OpaquePointer?, UnsafeRawPointer?, Int, Int, Int, cl_uint, Objects?, EventOut?
        ) -> cl_int

    let createProgramWithSource:
        @convention(c) (
            OpaquePointer?, cl_uint, UnsafeMutablePointer<UnsafePointer<CChar>?>?, Sizes?, StatusOut?
        ) -> OpaquePointer?
    let buildProgram:
        @convention(c) (OpaquePointer?, cl_uint, Objects?, UnsafePointer<CChar>?, Notify?, Bytes?) -> cl_int
    let getProgramBuildInfo:
        @convention(c) (OpaquePointer?, OpaquePointer?, cl_program_build_info, Int, Bytes?, SizeOut?) -> cl_int
    let getProgramInfo: InfoQuery
    let releaseProgram: Release

    let createKernel: @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, StatusOut?) -> OpaquePointer?
    let getKernelInfo: InfoQuery
    let getKernelArgInfo: @convention(c) (OpaquePointer?, cl_uint, cl_uint, Int, Bytes?, SizeOut?) -> cl_int
    let getKernelWorkGroupInfo:
        @convention(c) (OpaquePointer?, OpaquePointer?, cl_kernel_work_group_info, Int, Bytes?, SizeOut?) -> cl_int
    let setKernelArg: @convention(c) (OpaquePointer?, cl_uint, Int, UnsafeRawPointer?) -> cl_int
    let releaseKernel: Release

    let enqueueNDRangeKernel:
        @convention(c) (
            OpaquePointer?, OpaquePointer?, cl_uint, Sizes?, Sizes?, Sizes?, cl_uint, Objects?, EventOut?
        ) -> cl_int
    let waitForEvents: @convention(c) (cl_uint, Objects?) -> cl_int
    let getEventProfilingInfo: InfoQuery
    let releaseEvent: Release

    init(_ library: borrowing DynamicLibrary) throws(DynamicLibrary.LoadError) {
        func find<Function>(_ name: String) throws(DynamicLibrary.LoadError) -> Function {
            try library.function(name, as: Function.self)
        }
        unsafe getPlatformIDs = try find("clGetPlatformIDs")
        unsafe getPlatformInfo = try find("clGetPlatformInfo")
        unsafe getDeviceIDs = try find("clGetDeviceIDs")
        unsafe getDeviceInfo = try find("clGetDeviceInfo")
        unsafe createContext = try find("clCreateContext")
        unsafe releaseContext = try find("clReleaseContext")
        unsafe createCommandQueue = try find("clCreateCommandQueue")
        unsafe releaseCommandQueue = try find("clReleaseCommandQueue")
        unsafe flush = try find("clFlush")
        unsafe finish = try find("clFinish")
        unsafe createBuffer = try find("clCreateBuffer")
        unsafe releaseMemObject = try find("clReleaseMemObject")
        unsafe enqueueWriteBuffer = try find("clEnqueueWriteBuffer")
        unsafe enqueueReadBuffer = try find("clEnqueueReadBuffer")
        unsafe enqueueFillBuffer = try find("clEnqueueFillBuffer")
        unsafe createProgramWithSource = try find("clCreateProgramWithSource")
        unsafe buildProgram = try find("clBuildProgram")
        unsafe getProgramBuildInfo = try find("clGetProgramBuildInfo")
        unsafe getProgramInfo = try find("clGetProgramInfo")
        unsafe releaseProgram = try find("clReleaseProgram")
        unsafe createKernel = try find("clCreateKernel")
        unsafe getKernelInfo = try find("clGetKernelInfo")
        unsafe getKernelArgInfo = try find("clGetKernelArgInfo")
        unsafe getKernelWorkGroupInfo = try find("clGetKernelWorkGroupInfo")
        unsafe setKernelArg = try find("clSetKernelArg")
        unsafe releaseKernel = try find("clReleaseKernel")
        unsafe enqueueNDRangeKernel = try find("clEnqueueNDRangeKernel")
        unsafe waitForEvents = try find("clWaitForEvents")
        unsafe getEventProfilingInfo = try find("clGetEventProfilingInfo")
        unsafe releaseEvent = try find("clReleaseEvent")
    }
}

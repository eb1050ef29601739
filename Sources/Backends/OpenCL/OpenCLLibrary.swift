import COpenCL
import Platform

/// libOpenCL, opened: its functions, and the devices of all its platforms.
///
/// It lives as long as anything that came from it: owners of OpenCL objects keep a reference.
final class OpenCLLibrary: Sendable {
    /// A device with its platform.
    @safe
    struct Device: @unchecked Sendable {
        let platform: OpaquePointer
        let id: OpaquePointer
    }

    @safe
    private struct Platform {
        let id: OpaquePointer
    }

    private let library: DynamicLibrary
    let functions: OpenCLFunctions

    init(names: [String]) throws(BackendError) {
        do {
            library = try DynamicLibrary(names)
            functions = try OpenCLFunctions(library)
        } catch {
            throw BackendError(
                .missing,
                "the OpenCL loader cannot be opened (\(error.description)); install ocl-icd-libopencl1 and your device's "
                    + "OpenCL driver, or pocl-opencl-icd for the processor")
        }
    }

    /// The devices of all platforms, in the loader's order. A platform without devices contributes none.
    func devices() throws(BackendError) -> [Device] {
        var devices: [Device] = []
        for platform in try platforms() { devices += try self.devices(of: platform) }
        guard !devices.isEmpty else {
            throw BackendError(
                .missing,
                "no OpenCL driver offers a device; install your device's OpenCL driver, or pocl-opencl-icd for the processor"
            )
        }
        return devices
    }

    private func platforms() throws(BackendError) -> [Platform] {
        var count: cl_uint = 0
        let status = unsafe functions.getPlatformIDs(0, nil, &count)
        if status == CL_PLATFORM_NOT_FOUND_KHR || (status == CL_SUCCESS && count == 0) { return [] }
        try OpenCLStatus.check(status, "clGetPlatformIDs")
        var platforms = unsafe [OpaquePointer?](repeating: nil, count: Int(count))
        try OpenCLStatus.check(unsafe functions.getPlatformIDs(count, &platforms, nil), "clGetPlatformIDs")
        return unsafe platforms.compactMap { id in unsafe id.map { unsafe Platform(id: $0) } }
    }

    private func devices(of platform: Platform) throws(BackendError) -> [Device] {
        var count: cl_uint = 0
        let all = cl_device_type(CL_DEVICE_TYPE_ALL)
        let status = unsafe functions.getDeviceIDs(platform.id, all, 0, nil, &count)
        if status == CL_DEVICE_NOT_FOUND || (status == CL_SUCCESS && count == 0) { return [] }
        try OpenCLStatus.check(status, "clGetDeviceIDs")
        var ids = unsafe [OpaquePointer?](repeating: nil, count: Int(count))
        try OpenCLStatus.check(unsafe functions.getDeviceIDs(platform.id, all, count, &ids, nil), "clGetDeviceIDs")
        return unsafe ids.compactMap { id in unsafe id.map { unsafe Device(platform: platform.id, id: $0) } }
    }
}

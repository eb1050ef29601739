import COpenCL

/// The owner of one reference to an OpenCL object, released when the value goes away.
///
/// `Kind` keeps a queue from being passed where a buffer belongs; the API itself has one pointer type for all.
@safe
struct OpenCLObject<Kind>: ~Copyable {
    let pointer: OpaquePointer
    private let releaseFunction: OpenCLFunctions.Release
    private let library: OpenCLLibrary

    /// Takes over what `create` returned, when it reports success.
    init(
        _ library: OpenCLLibrary, releasedBy release: OpenCLFunctions.Release,
        asked: @autoclosure () -> String, create: (OpenCLFunctions.StatusOut) -> OpaquePointer?
    ) throws(BackendError) {
        var status: cl_int = CL_SUCCESS
        let created = unsafe create(&status)
        try OpenCLStatus.check(status, asked())
        guard let created = unsafe created else {
            throw BackendError(.driver, "\(asked()): the driver returned nothing and no error")
        }
        self.library = library
        unsafe pointer = created
        unsafe releaseFunction = release
    }

    deinit { _ = unsafe releaseFunction(pointer) }
}

enum ContextKind {}
enum QueueKind {}
enum MemoryKind {}
enum ProgramKind {}
enum KernelKind {}
enum EventKind {}

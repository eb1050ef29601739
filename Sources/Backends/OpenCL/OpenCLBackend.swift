import Results

/// Devices of all OpenCL platforms, `opencl:0`, `opencl:1`… in the loader's order.
public struct OpenCLBackend: Backend {
    static let backendName = "opencl"

    public let name = OpenCLBackend.backendName
    private let libraryNames: [String]

    /// - Parameter libraryNames: file names of the loader, the first that can be opened is used.
    public init(libraryNames: [String] = ["libOpenCL.so.1", "libOpenCL.so"]) { self.libraryNames = libraryNames }

    public func devices() -> Result<[DeviceRecord], BackendError> {
        do throws(BackendError) {
            let library = try OpenCLLibrary(names: libraryNames)
            let records = try library.devices().enumerated().map { OpenCLDeviceInfo(library, $1).record(index: $0) }
            return .success(records)
        } catch {
            return .failure(error)
        }
    }

    public func open(index: Int) throws(BackendError) -> any Device {
        let library = try OpenCLLibrary(names: libraryNames)
        let devices = try library.devices()
        guard devices.indices.contains(index) else {
            throw BackendError(.missing, "there is no device \(name):\(index); OpenCL has \(devices.count) of them")
        }
        return try OpenCLDevice(library, devices[index], index: index)
    }
}

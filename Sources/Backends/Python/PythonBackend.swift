import Kernels
import Results

/// What the frameworks of a Python interpreter reach: NumPy and SciPy on the host's processor, PyTorch on its devices.
public struct PythonBackend: Backend {
    public let name = Strategy.runtimeBackend
    private let runtime: RuntimeBackend

    /// - Parameter processor: how many threads libraries use.
    public init(_ settings: PythonSettings = PythonSettings(), processor: ProcessorSettings = ProcessorSettings()) {
        runtime = RuntimeBackend(.python(settings), processor: processor)
    }

    public func devices() -> Result<[DeviceRecord], BackendError> { runtime.devices() }

    public func open(index: Int) throws(BackendError) -> any Device { try runtime.open(index: index) }
}

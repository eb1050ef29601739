import FoundationEssentials
import Kernels

/// Writes tensors where NumPy finds them.
enum TensorDump {
    /// Each tensor as `<folder>/<name>.npy`; the folder is made.
    static func write(_ tensors: [String: Tensor], to folder: String) throws(KernelError) {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw KernelError(.invalidInput, "\(folder): the folder cannot be made")
        }
        for (name, tensor) in tensors { try NumpyFile.write(tensor, to: "\(folder)/\(name).npy") }
    }
}

import FoundationEssentials
import Kernels
import Platform

extension ProfileRequest.Selection {
    /// A digest of the inputs that a user gave, with the tensors' names.
    ///
    /// - Throws: ``KernelError`` naming a file that cannot be read.
    func inputDigest() throws(KernelError) -> String {
        var digest = ContentDigest()
        for (name, file) in inputs.sorted(by: { $0.key < $1.key }) {
            guard let data = FileManager.default.contents(atPath: file) else {
                throw KernelError(.invalidInput, "\(file): cannot be read")
            }
            digest.add(name)
            digest.add(data)
        }
        return digest.hexadecimal
    }
}

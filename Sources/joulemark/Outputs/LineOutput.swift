import FoundationEssentials
import Glibc
import Platform

/// An output that grows by one line of JSON at a time, so that a reader sees each at once and an interruption costs
/// none.
struct LineOutput: ~Copyable {
    private let descriptor: CInt
    private let name: String

    /// - Throws: ``CommandFailure`` when the file cannot be opened.
    init(_ destination: Destination) throws(CommandFailure) {
        switch destination {
        case .standardOutput: (descriptor, name) = (StandardStream.output.descriptor, "standard output")
        case .file(let path):
            let opened = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
            guard opened >= 0 else { throw CommandFailure(.failure, "\(path): \(FileDescriptor.reason())") }
            (descriptor, name) = (opened, path)
        }
    }

    deinit { if descriptor > 2 { close(descriptor) } }

    /// Writes a value on a line of its own, keys sorted.
    ///
    /// - Throws: ``CommandFailure`` when the reader or the disk takes no more.
    func write(_ value: some Encodable) throws(CommandFailure) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes: Data
        do { bytes = try encoder.encode(value) } catch {
            throw CommandFailure(.failure, "JSON cannot be written: \(error)")
        }
        guard FileDescriptor.write(Array(bytes) + [UInt8(ascii: "\n")], to: descriptor) else {
            throw CommandFailure(.failure, "\(name): \(FileDescriptor.reason())")
        }
    }
}

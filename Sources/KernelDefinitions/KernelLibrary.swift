import FoundationEssentials

/// The files of kernels/: those inside the binary, and those of folders that the user adds.
///
/// Paths are relative to kernels/, with `/` between their parts. A SPIR-V module of a stage lies at
/// `<family>/<strategy>/<stage>.<precision>.spv`.
public struct KernelLibrary: Sendable {
    /// What a file's content is.
    package enum Content: Sendable {
        case text(StaticString)
        /// Base64 of a binary.
        case base64(StaticString)
        case onDisk(String)
        /// Made while the program runs, such as what a stage binds.
        case made(String)
    }

    var files: [String: Content]

    package init(files: [String: Content] = [:]) { self.files = files }

    /// Paths of all files, sorted.
    public var paths: [String] { files.keys.sorted() }

    public func contains(_ path: String) -> Bool { files[path] != nil }

    /// - Throws: ``KernelError`` with code `invalidDefinition` when there is no such file or it cannot be read.
    public func bytes(_ path: String) throws(KernelError) -> [UInt8] {
        switch files[path] {
        case .text(let text): return text.withUTF8Buffer { unsafe Array($0) }
        case .made(let text): return Array(text.utf8)
        case .base64(let text):
            let data = text.withUTF8Buffer { buffer in unsafe Data(base64Encoded: Data(buffer)) }
            guard let data else { throw KernelError(.invalidDefinition, "kernels/\(path): damaged inside the binary") }
            return [UInt8](data)
        case .onDisk(let file):
            guard let data = FileManager.default.contents(atPath: file) else {
                throw KernelError(.invalidDefinition, "\(file): cannot be read")
            }
            return [UInt8](data)
        case nil: throw KernelError(.invalidDefinition, "kernels/\(path): no such file")
        }
    }

    /// - Throws: as ``bytes(_:)``, and when the file is not UTF-8.
    public func text(_ path: String) throws(KernelError) -> String {
        guard let text = String(validating: try bytes(path), as: UTF8.self) else {
            throw KernelError(.invalidDefinition, "\(location(path)): not UTF-8 text")
        }
        return text
    }

    /// Where a person finds the file: in the folder that was added, or under kernels/.
    public func location(_ path: String) -> String {
        if case .onDisk(let file) = files[path] { return file }
        return "kernels/\(path)"
    }

    /// True for a file that a user added.
    package func isAdded(_ path: String) -> Bool {
        if case .onDisk = files[path] { return true }
        return false
    }

    /// This library and a file that has `text`.
    package func adding(_ text: String, at path: String) -> KernelLibrary {
        var library = self
        library.files[path] = .made(text)
        return library
    }
}

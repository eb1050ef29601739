import FoundationEssentials

/// The files of kernels/: those inside the binary, and those of folders that the user adds.
///
/// Paths are relative to kernels/, with `/` between their parts. A SPIR-V module of a stage lies at
/// `<family>/<strategy>/<stage>.<precision>.spv`.
public struct KernelLibrary: Sendable {
    /// What a file's content is.
    enum Content: Sendable {
        case text(StaticString)
        /// Base64 of a binary.
        case base64(StaticString)
        case onDisk(String)
    }

    private(set) var files: [String: Content]

    /// The files that were embedded when the program was built.
    public static let builtIn = KernelLibrary(
        files: Dictionary(uniqueKeysWithValues: EmbeddedKernels.files.map { ($0.path, $0.content) }))

    /// Paths of all files, sorted.
    public var paths: [String] { files.keys.sorted() }

    public func contains(_ path: String) -> Bool { files[path] != nil }

    /// - Throws: ``KernelError`` with code `invalidDefinition` when there is no such file or it cannot be read.
    public func bytes(_ path: String) throws(KernelError) -> [UInt8] {
        switch files[path] {
        case .text(let text): return text.withUTF8Buffer { unsafe Array($0) }
        case .base64(let text):
            let data = text.withUTF8Buffer { buffer in unsafe Data(base64Encoded: Data(buffer)) }
            guard let data else { throw KernelError(.invalidDefinition, "\(path): damaged inside the binary") }
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
            throw KernelError(.invalidDefinition, "kernels/\(path): not UTF-8 text")
        }
        return text
    }

    /// The text with every `#include "file"` replaced by that file, relative to the including one, each file once.
    ///
    /// OpenCL C gets its sources through this, since a driver knows no folders. `#line` directives keep the compiler's
    /// messages pointing at the right line.
    public func textResolvingIncludes(_ path: String) throws(KernelError) -> String {
        var seen: Set<String> = []
        return try resolve(path, &seen)
    }

    private func resolve(_ path: String, _ seen: inout Set<String>) throws(KernelError) -> String {
        seen.insert(path)
        var result = ""
        var lineNumber = 0
        for line in try text(path).split(separator: "\n", omittingEmptySubsequences: false) {
            lineNumber += 1
            let trimmed = line.drop { $0 == " " || $0 == "\t" }
            let parts = trimmed.split(separator: "\"", omittingEmptySubsequences: false)
            guard trimmed.hasPrefix("#include"), parts.count >= 3 else {
                result += line + "\n"
                continue
            }
            let target = Self.join(folderOf: path, String(parts[1]))
            guard contains(target) else {
                throw KernelError(
                    .invalidDefinition, "kernels/\(path):\(lineNumber): includes '\(parts[1])', which is not there")
            }
            guard !seen.contains(target) else { continue }
            result += "#line 1 \"\(target)\"\n" + (try resolve(target, &seen)) + "#line \(lineNumber + 1) \"\(path)\"\n"
        }
        return result
    }

    /// `relative`, seen from the folder that holds `path`, with `.` and `..` resolved.
    static func join(folderOf path: String, _ relative: String) -> String {
        var parts = path.split(separator: "/").dropLast().map(String.init)
        for part in relative.split(separator: "/") {
            switch part {
            case ".": break
            case "..": _ = parts.popLast()
            default: parts.append(String(part))
            }
        }
        return parts.joined(separator: "/")
    }
}

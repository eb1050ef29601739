extension KernelLibrary {
    /// The text with every `#include "file"` replaced by that file, relative to the including one, each file once.
    ///
    /// OpenCL C gets its sources through this, since a driver knows no folders. `#line` directives keep the compiler's
    /// messages pointing at the right line. An `#include` inside a comment, and one of `<file>`, stay as they are.
    public func textResolvingIncludes(_ path: String) throws(KernelError) -> String {
        var seen: Set<String> = []
        return try resolve(path, &seen)
    }

    /// The file and all that it includes by `#include "file"`, whether or not in a branch that is taken: paths, sorted.
    ///
    /// - Parameter folders: searched after the including file's own, as by a compiler's `-I`.
    /// - Throws: ``KernelError`` when a file cannot be read. One that is not in the library is left for the compiler to
    ///   miss.
    package func closure(of path: String, searching folders: [String] = []) throws(KernelError) -> [String] {
        var found: Set<String> = [path]
        var waiting = [path]
        while let next = waiting.popLast() {
            for line in try text(next).split(whereSeparator: \.isNewline) {
                guard let name = Self.includedName(line) else { continue }
                let places = [Self.join(folderOf: next, name)] + folders.map { $0 == "." ? name : "\($0)/\(name)" }
                guard let place = places.first(where: contains), found.insert(place).inserted else { continue }
                waiting.append(place)
            }
        }
        return found.sorted()
    }

    /// What a text includes by `#include "file"`, as it names it.
    package static func includedNames(_ text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).compactMap { includedName($0) }
    }

    private func resolve(_ path: String, _ seen: inout Set<String>) throws(KernelError) -> String {
        seen.insert(path)
        var result = ""
        var lineNumber = 0
        var isInComment = false
        let lines = try text(path).split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        for line in lines {
            lineNumber += 1
            let startsInComment = isInComment
            isInComment = Self.endsInComment(line, startsInComment)
            guard !startsInComment, let name = Self.includedName(line) else {
                result += line + "\n"
                continue
            }
            let target = Self.join(folderOf: path, name)
            guard contains(target) else {
                throw KernelError(
                    .invalidDefinition, "\(location(path)):\(lineNumber): includes '\(name)', which is not there")
            }
            guard !seen.contains(target) else {
                result += "\n"
                continue
            }
            result += "#line 1 \"\(target)\"\n" + (try resolve(target, &seen)) + "#line \(lineNumber + 1) \"\(path)\"\n"
        }
        return result
    }

    /// `tiles.h` of `# include "tiles.h"`.
    private static func includedName(_ line: Substring) -> String? {
        func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }
        var rest = line.drop(while: isBlank)
        guard rest.popFirst() == "#" else { return nil }
        rest = rest.drop(while: isBlank)
        guard rest.hasPrefix("include") else { return nil }
        rest = rest.dropFirst("include".count).drop(while: isBlank)
        guard rest.popFirst() == "\"", let end = rest.firstIndex(of: "\"") else { return nil }
        return String(rest[..<end])
    }

    /// Whether a `/*` is still open at the end of a line.
    static func endsInComment(_ line: Substring, _ startsInComment: Bool) -> Bool {
        var isInComment = startsInComment
        var quote: UInt8?
        var bytes = Array(line.utf8)[...]
        while let byte = bytes.popFirst() {
            let next = bytes.first
            if isInComment {
                guard byte == UInt8(ascii: "*"), next == UInt8(ascii: "/") else { continue }
                isInComment = false
                bytes.removeFirst()
            } else if let open = quote {
                if byte == UInt8(ascii: "\\") { _ = bytes.popFirst() }
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: "/"), next == UInt8(ascii: "/") {
                return false
            } else if byte == UInt8(ascii: "/"), next == UInt8(ascii: "*") {
                isInComment = true
                bytes.removeFirst()
            }
        }
        return isInComment
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

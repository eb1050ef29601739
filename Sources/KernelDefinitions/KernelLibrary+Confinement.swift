extension KernelLibrary {
    /// Makes sure that a user's file includes nothing that a compiler would look for elsewhere on the machine: what it
    /// says of such a file in its log it says to whoever reads that. In OpenCL C the same follows from there being no
    /// folders.
    ///
    /// - Parameters:
    ///   - folders: searched after the including file's own.
    ///   - allowsSystem: whether `<name>` is a header of the machine; it is one of the library's otherwise.
    /// - Throws: ``KernelError`` that names the file, the line and what it includes.
    package func checkIncludes(
        of path: String, searching folders: [String], allowsSystem: Bool
    ) throws(KernelError) {
        guard isAdded(path) else { return }
        for (number, operand) in Self.includes(in: try text(path)) {
            let name = operand.dropFirst().prefix { $0 != "\"" && $0 != ">" }
            let parts = name.split(separator: "/", omittingEmptySubsequences: false)
            let isBelow = !name.isEmpty && !parts.contains("") && !parts.contains("..")
            let places =
                [Self.join(folderOf: path, String(name))] + folders.map { $0 == "." ? "\(name)" : "\($0)/\(name)" }
            switch operand.first {
            case "\"" where !name.hasPrefix("/") && places.contains(where: contains): continue
            case "<" where isBelow && (allowsSystem || places.contains(where: contains)): continue
            default:
                let expected = allowsSystem ? " or <a header of the C library>" : ""
                throw KernelError(
                    .invalidDefinition,
                    "\(location(path)):\(number): includes \(operand.prefix(80)), expected \"a file of the kernels\"\(expected)"
                )
            }
        }
    }

    /// What follows every directive that brings in a file, with the number of its line, as a compiler finds it: lines
    /// that end in `\` go on in the next one, and comments are blanks.
    private static func includes(in text: String) -> [(line: Int, operand: Substring)] {
        var found: [(Int, Substring)] = []
        var number = 0, begin = 1
        var logical = ""
        var isInComment = false
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            number += 1
            if logical.isEmpty { begin = number }
            isInComment = endsInComment(line, isInComment)
            let isSpliced = line.last == "\\"
            logical += isSpliced ? line.dropLast() : line
            guard !isSpliced, !isInComment else {
                if isInComment { logical += " " }
                continue
            }
            if let operand = operand(withoutComments(logical)) { found.append((begin, operand)) }
            logical = ""
        }
        return found
    }

    /// Each comment as one blank; what stands in quotes stays.
    private static func withoutComments(_ line: String) -> String {
        var result: [UInt8] = []
        var rest = Array(line.utf8)[...]
        var quote: UInt8?
        while let byte = rest.popFirst() {
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: "/"), rest.first == UInt8(ascii: "/") {
                break
            } else if byte == UInt8(ascii: "/"), rest.first == UInt8(ascii: "*") {
                rest = rest.dropFirst()
                while let next = rest.popFirst(), next != UInt8(ascii: "*") || rest.first != UInt8(ascii: "/") {}
                rest = rest.dropFirst()
                result.append(UInt8(ascii: " "))
                continue
            }
            result.append(byte)
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func operand(_ line: String) -> Substring? {
        var rest = line.drop { $0.isWhitespace }
        if rest.hasPrefix("%:") { rest = "#" + rest.dropFirst(2) }
        guard rest.popFirst() == "#" else { return nil }
        rest = rest.drop { $0.isWhitespace }
        let word = rest.prefix { $0.isLetter || $0 == "_" }
        guard ["include", "include_next", "import", "embed"].contains(word) else { return nil }
        return rest.dropFirst(word.count).drop { $0.isWhitespace }
    }
}

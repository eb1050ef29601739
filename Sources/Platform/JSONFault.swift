/// Where a text stops being JSON (RFC 8259): what people need who wrote the file by hand.
public struct JSONFault: Equatable, CustomStringConvertible, Sendable {
    /// From 1.
    public let line: Int
    /// From 1, in characters.
    public let column: Int
    /// What stands there, or that the text ends, and what was expected.
    public let reason: String

    /// `line 3, column 14: found 'n', expected a value`.
    public var description: String { "line \(line), column \(column): \(reason)" }

    /// - Returns: `nil` when the bytes are JSON.
    public init?(_ bytes: [UInt8]) {
        var scanner = JSONScanner(bytes: bytes)
        guard let expected = scanner.firstFault() else { return nil }
        let place = min(scanner.position, bytes.count)
        let before = bytes[..<place]
        line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        column = String(decoding: bytes[lineStart..<place], as: UTF8.self).count + 1
        let rest = String(decoding: bytes[place..<min(place + 8, bytes.count)], as: UTF8.self)
        let found = rest.first.map { $0.isNewline ? "the end of the line" : "'\($0)'" } ?? "the end of the file"
        reason = "found \(found), expected \(expected)"
    }
}

/// Walks over a JSON text and stops at the first byte that cannot be there.
private struct JSONScanner {
    /// More is no file of anyone's, and would exhaust the stack.
    private static let deepest = 512

    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// What was expected at ``position``; `nil` when all is JSON.
    mutating func firstFault() -> String? {
        if let fault = value(depth: 0) { return fault }
        skipBlanks()
        return next == nil ? nil : "nothing more"
    }

    private mutating func skipBlanks() {
        while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }

    private mutating func value(depth: Int) -> String? {
        guard depth < Self.deepest else { return "less depth" }
        skipBlanks()
        guard let next else { return "a value" }
        switch next {
        case UInt8(ascii: "{"): return object(depth: depth)
        case UInt8(ascii: "["): return array(depth: depth)
        case UInt8(ascii: "\""): return string()
        case UInt8(ascii: "t"): return word("true")
        case UInt8(ascii: "f"): return word("false")
        case UInt8(ascii: "n"): return word("null")
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return number()
        default: return "a value"
        }
    }

    private mutating func object(depth: Int) -> String? {
        members(end: UInt8(ascii: "}"), endInWords: "',' or '}'") { scanner in
            guard scanner.next == UInt8(ascii: "\"") else { return "a key in quotation marks" }
            if let fault = scanner.string() { return fault }
            scanner.skipBlanks()
            guard scanner.next == UInt8(ascii: ":") else { return "':'" }
            scanner.position += 1
            return scanner.value(depth: depth + 1)
        }
    }

    private mutating func array(depth: Int) -> String? {
        members(end: UInt8(ascii: "]"), endInWords: "',' or ']'") { $0.value(depth: depth + 1) }
    }

    /// What stands between brackets, with commas in between.
    private mutating func members(
        end: UInt8, endInWords: String, _ member: (inout JSONScanner) -> String?
    ) -> String? {
        position += 1
        skipBlanks()
        if next == end {
            position += 1
            return nil
        }
        while true {
            skipBlanks()
            if let fault = member(&self) { return fault }
            skipBlanks()
            guard let byte = next, byte == end || byte == UInt8(ascii: ",") else { return endInWords }
            position += 1
            if byte == end { return nil }
        }
    }

    private mutating func string() -> String? {
        position += 1
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return nil
            case UInt8(ascii: "\\"):
                position += 1
                guard let escape = next, "\"\\/bfnrtu".utf8.contains(escape) else {
                    return "one of \" \\ / b f n r t u after a backslash"
                }
                position += 1
                guard escape == UInt8(ascii: "u") else { continue }
                for _ in 0..<4 {
                    guard let digit = next, Character(Unicode.Scalar(digit)).isHexDigit else {
                        return "four hexadecimal digits"
                    }
                    position += 1
                }
            case 0..<0x20: return "'\"' at the end of the text"
            default: position += 1
            }
        }
        return "'\"' at the end of the text"
    }

    private mutating func word(_ text: String) -> String? {
        for byte in text.utf8 {
            guard next == byte else { return "'\(text)'" }
            position += 1
        }
        return nil
    }

    private mutating func number() -> String? {
        if next == UInt8(ascii: "-") { position += 1 }
        if next == UInt8(ascii: "0") {
            // Nothing but a point or an exponent follows a leading zero.
            position += 1
        } else if !digits() {
            return "a digit"
        }
        if next == UInt8(ascii: ".") {
            position += 1
            guard digits() else { return "a digit" }
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            position += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
            guard digits() else { return "a digit" }
        }
        return nil
    }

    private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private mutating func digits() -> Bool {
        let begin = position
        while let byte = next, isDigit(byte) { position += 1 }
        return position > begin
    }
}

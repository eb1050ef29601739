import FoundationEssentials
import Platform

/// Result files: the JSON of a `RunRecord`.
public enum RunFile {
    /// The file's content: indented, keys sorted, so that two files can be compared line by line.
    ///
    /// - Throws: ``ResultsError`` when a figure is infinite or not a number, which JSON cannot hold.
    public static func text(of run: RunRecord) throws(ResultsError) -> String { try JSONText.of(run) }

    /// Writes the file: complete, or not at all.
    public static func write(_ run: RunRecord, to path: String) throws(ResultsError) {
        try AtomicFile.write(try text(of: run), to: path)
    }

    /// Reads a file of this schema version or an older one; keys that are not known are ignored.
    ///
    /// - Throws: ``ResultsError`` naming the file, the key, what was found and what was expected.
    public static func read(_ path: String) throws(ResultsError) -> RunRecord {
        try decode(try AtomicFile.read(path), name: path)
    }

    /// The same for a content that is in memory; `name` stands for it in messages.
    public static func decode(_ bytes: [UInt8], name: String) throws(ResultsError) -> RunRecord {
        let whitespace: Set<UInt8> = [0x20, 0x0A, 0x0D, 0x09]
        guard let last = bytes.last(where: { !whitespace.contains($0) }) else {
            throw ResultsError(.malformed, "\(name): the file is empty, expected the JSON of a run")
        }
        let data = Data(bytes)
        let header: Header
        do {
            header = try JSONDecoder().decode(Header.self, from: data)
        } catch {
            if let fault = JSONFault(bytes) {
                let isCut = last != UInt8(ascii: "}")
                throw ResultsError(
                    .malformed,
                    "\(name): not JSON\(isCut ? ", or the file ends early (\(bytes.count) bytes)" : ""): \(fault)")
            }
            throw ResultsError(.malformed, "\(name): \(JSONText.reason(error))")
        }
        guard let version = header.schemaVersion else {
            throw ResultsError(.malformed, "\(name): schemaVersion: missing, expected the JSON of a joulemark run")
        }
        guard version <= RunRecord.currentSchemaVersion else {
            throw ResultsError(
                .newer,
                "\(name): schemaVersion: found \(version), expected at most \(RunRecord.currentSchemaVersion); "
                    + "a newer joulemark wrote this file")
        }
        guard version >= 1 else {
            throw ResultsError(.malformed, "\(name): schemaVersion: found \(version), expected 1 or more")
        }
        do {
            return try JSONDecoder().decode(RunRecord.self, from: data)
        } catch {
            throw ResultsError(.malformed, "\(name): \(JSONText.reason(error))")
        }
    }

    private struct Header: Decodable {
        let schemaVersion: Int?
    }
}

/// JSON as every output of this module writes it, and its errors in one line.
enum JSONText {
    static func of(_ value: some Encodable) throws(ResultsError) -> String {
        try encode(value, [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]) + "\n"
    }

    /// The same on one line.
    static func compact(_ value: some Encodable) throws(ResultsError) -> String {
        try encode(value, [.sortedKeys, .withoutEscapingSlashes])
    }

    private static func encode(
        _ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting
    ) throws(ResultsError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw ResultsError(.unwritable, "the result cannot be written as JSON: \(reason(error))")
        }
    }

    static func reason(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            "\(path(context.codingPath + [key])): missing"
        case DecodingError.typeMismatch(let type, let context):
            "\(path(context.codingPath)): expected \(expectation(type)), found something else"
        case DecodingError.valueNotFound(let type, let context):
            "\(path(context.codingPath)): found null, expected \(expectation(type))"
        case DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty:
            "not valid JSON"
        case DecodingError.dataCorrupted(let context):
            "\(path(context.codingPath)): \(oneLine(context.debugDescription))"
        case EncodingError.invalidValue(let value, let context):
            "\(path(context.codingPath)): \(value) is not a number that JSON can hold"
        default:
            oneLine("\(error)")
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        var text = ""
        for key in keys {
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += text.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
        return text.isEmpty ? "the whole file" : text
    }

    private static func expectation(_ type: Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Bool.Type: "true or false"
        case is Int.Type, is UInt64.Type: "a whole number"
        case is Double.Type: "a number"
        case is [Any].Type: "a list"
        default: "an object or list"
        }
    }

    private static func oneLine(_ text: String) -> String {
        String(text.map { $0.isNewline ? " " : $0 })
    }
}

import FoundationEssentials
import Platform

/// A value of a JSON definition file that knows where it stands, so that every complaint names file and key.
package struct DefinitionReader {
    package indirect enum Value: Decodable, Equatable {
        case null
        case bool(Bool)
        case integer(Int)
        case real(Double)
        case string(String)
        case array([Value])
        case object([String: Value])

        /// Most values are strings: asked for first, they cost no error.
        package init(from decoder: any Decoder) throws {
            let single = try decoder.singleValueContainer()
            if single.decodeNil() {
                self = .null
            } else if let value = try? single.decode(String.self) {
                self = .string(value)
            } else if let container = try? decoder.container(keyedBy: AnyKey.self) {
                var object: [String: Value] = [:]
                for key in container.allKeys { object[key.stringValue] = try container.decode(Value.self, forKey: key) }
                self = .object(object)
            } else if var container = try? decoder.unkeyedContainer() {
                var array: [Value] = []
                while !container.isAtEnd { array.append(try container.decode(Value.self)) }
                self = .array(array)
            } else if let value = try? single.decode(Int.self) {
                self = .integer(value)
            } else if let value = try? single.decode(Double.self) {
                self = .real(value)
            } else {
                self = .bool(try single.decode(Bool.self))
            }
        }

        package var kind: String {
            switch self {
            case .null: "null"
            case .bool: "a boolean"
            case .integer, .real: "a number"
            case .string: "a string"
            case .array: "an array"
            case .object: "an object"
            }
        }
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    package let file: String
    package let path: String
    package let value: Value

    private init(file: String, path: String, value: Value) {
        self.file = file
        self.path = path
        self.value = value
    }

    /// - Throws: ``KernelError`` with code `invalidDefinition` when `bytes` are not JSON.
    package init(file: String, bytes: [UInt8]) throws(KernelError) {
        do {
            self.init(file: file, path: "", value: try JSONDecoder().decode(Value.self, from: Data(bytes)))
        } catch {
            let reason = JSONFault(bytes).map { ": \($0)" } ?? ""
            throw KernelError(.invalidDefinition, "\(file): not valid JSON\(reason)")
        }
    }

    package func failure(_ what: String) -> KernelError {
        KernelError(.invalidDefinition, "\(file): \(path.isEmpty ? "" : "\(path): ")\(what)")
    }

    package func expected(_ what: String) -> KernelError { failure("expected \(what), found \(value.kind)") }

    /// - Throws: when the value is no object, or holds a key that is not in `known`.
    package func checkKeys(_ known: Set<String>) throws(KernelError) {
        guard case .object(let object) = value else { throw expected("an object") }
        guard let unknown = object.keys.sorted().first(where: { !known.contains($0) }) else { return }
        throw failure("unknown key '\(unknown)'; the keys are \(known.sorted().joined(separator: ", "))")
    }

    /// The value of `key`, or `nil` when it is absent.
    package func optional(_ key: String) throws(KernelError) -> DefinitionReader? {
        guard case .object(let object) = value else { throw expected("an object") }
        guard let child = object[key] else { return nil }
        return DefinitionReader(file: file, path: path.isEmpty ? key : "\(path).\(key)", value: child)
    }

    package func required(_ key: String) throws(KernelError) -> DefinitionReader {
        guard let child = try optional(key) else { throw failure("the key '\(key)' is missing") }
        return child
    }

    package func string() throws(KernelError) -> String {
        guard case .string(let string) = value else { throw expected("a string") }
        return string
    }

    /// A name that becomes one of a file and of a variable in sources.
    ///
    /// - Parameter hasDots: whether it may hold dots, as names of workloads do.
    package func name(hasDots: Bool = false) throws(KernelError) -> String {
        let name = try string()
        try checkName(name, hasDots: hasDots)
        return name
    }

    private func checkName(_ text: String, hasDots: Bool = false) throws(KernelError) {
        func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) }
        let others = Set("0123456789_-\(hasDots ? "." : "")".utf8)
        guard let first = text.utf8.first, isLetter(first),
            text.utf8.allSatisfy({ isLetter($0) || others.contains($0) })
        else {
            let characters = hasDots ? "letters, digits, _, - and ." : "letters, digits, _ and -"
            throw failure("expected a name of \(characters) that begins with a letter, found '\(text.prefix(80))'")
        }
    }

    package func boolean() throws(KernelError) -> Bool {
        guard case .bool(let boolean) = value else { throw expected("true or false") }
        return boolean
    }

    package func integer() throws(KernelError) -> Int {
        guard case .integer(let integer) = value else { throw expected("an integer") }
        return integer
    }

    package func array() throws(KernelError) -> [DefinitionReader] {
        guard case .array(let array) = value else { throw expected("an array") }
        return array.enumerated().map { index, child in
            DefinitionReader(file: file, path: "\(path)[\(index)]", value: child)
        }
    }

    /// The members of an object, sorted by key.
    ///
    /// - Parameter areNamed: the keys are names, as those of tensors and constants.
    package func members(areNamed: Bool = false) throws(KernelError) -> [(key: String, value: DefinitionReader)] {
        guard case .object(let object) = value else { throw expected("an object") }
        let members = object.sorted { $0.key < $1.key }.map { key, child in
            (key: key, value: DefinitionReader(file: file, path: path.isEmpty ? key : "\(path).\(key)", value: child))
        }
        if areNamed { for (key, member) in members { try member.checkName(key) } }
        return members
    }

    package func strings() throws(KernelError) -> [String] {
        var strings: [String] = []
        for child in try array() { strings.append(try child.string()) }
        return strings
    }

    /// An expression: a string, or an integer as it stands.
    package func expression() throws(KernelError) -> Expression {
        let text =
            switch value {
            case .integer(let integer): String(integer)
            case .string(let string): string
            default: throw expected("an expression (a string or an integer)")
            }
        do { return try Expression(text) } catch { throw failure(error.description) }
    }

    package func expressions() throws(KernelError) -> [Expression] {
        var expressions: [Expression] = []
        for child in try array() { expressions.append(try child.expression()) }
        return expressions
    }

    /// One of the names of an enumeration.
    package func choice<Value: RawRepresentable & CaseIterable>(
        of type: Value.Type = Value.self
    ) throws(KernelError) -> Value where Value.RawValue == String {
        if let value = Value(rawValue: try string()) { return value }
        throw failure("expected \(Value.allCases.map(\.rawValue).joined(separator: ", ")), found '\(try string())'")
    }

    /// Constants: an object, sorted by name; or a list of `"name = expression"`, in its order, each of which may use
    /// those before it.
    package func definitions() throws(KernelError) -> [Strategy.Definition] {
        if case .array = value {
            return try array().map { entry throws(KernelError) in try entry.definition() }
        }
        return try members(areNamed: true).map { key, entry throws(KernelError) in
            Strategy.Definition(name: key, expression: try entry.expression())
        }
    }

    /// A scalar, `"name = expression"`.
    package func definition() throws(KernelError) -> Strategy.Definition {
        let parts = try string().split(separator: "=", maxSplits: 1)
        guard parts.count == 2 else { throw failure("expected \"name = expression\", found '\(try string())'") }
        let name = parts[0].filter { $0 != " " }
        try checkName(name)
        do {
            let expression = try Expression(String(parts[1].drop { $0 == " " }))
            return Strategy.Definition(name: name, expression: expression)
        } catch {
            throw failure(error.description)
        }
    }
}

/// The header of a .npy file: what its elements are and how they lie (NumPy's "NPY format", versions 1.0, 2.0 and 3.0).
struct NumpyHeader: Equatable {
    enum Kind: Equatable {
        case real, brain, eighth, signed, unsigned, boolean
    }

    var kind: Kind
    /// Bytes an element.
    var width: Int
    var isBigEndian: Bool
    var isFortranOrder: Bool
    var shape: [Int]
    /// Product of `shape`.
    var count: Int
    /// Where the elements begin.
    var dataOffset: Int

    /// Reads the header and checks that exactly the promised elements follow it.
    ///
    /// - Parameter file: names the file in messages.
    init(file: String, bytes: [UInt8]) throws(KernelError) {
        func failure(_ what: String) -> KernelError { InputFile.failure(file, what) }
        let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
        guard bytes.starts(with: magic) else {
            throw failure("is not a .npy file; its first bytes are not \\x93NUMPY")
        }
        guard bytes.count >= 8 else { throw failure("is truncated in the header") }
        let (major, minor) = (bytes[6], bytes[7])
        guard (1...3).contains(major), minor == 0 else {
            throw failure("has .npy format version \(major).\(minor); versions 1.0, 2.0 and 3.0 are known")
        }
        let lengthWidth = major == 1 ? 2 : 4
        guard bytes.count >= 8 + lengthWidth else { throw failure("is truncated in the header") }
        let length = bytes[8..<(8 + lengthWidth)].reversed().reduce(0) { $0 << 8 | Int($1) }
        dataOffset = 8 + lengthWidth + length
        guard bytes.count >= dataOffset else {
            throw failure("is truncated in the header: \(dataOffset) bytes are promised, \(bytes.count) are there")
        }
        var literal = NumpyLiteral(file: file, bytes: bytes[(8 + lengthWidth)..<dataOffset])
        let fields = try literal.header()
        (kind, width, isBigEndian) = try Self.elementType(file: file, fields.descr)
        isFortranOrder = fields.isFortranOrder
        shape = fields.shape
        var product = 1
        for size in shape {
            let (next, overflow) = product.multipliedReportingOverflow(by: max(size, 1))
            guard !overflow, next < 1 << 59 else { throw failure("claims the shape \(shape), which no memory holds") }
            product = next
        }
        count = shape.contains(0) ? 0 : product
        let found = bytes.count - dataOffset
        guard found == count * width else {
            throw failure(
                "holds \(found) bytes of data; \(count) elements '\(fields.descr)' of shape \(shape) take \(count * width)"
            )
        }
    }

    /// `<f4` and its like: byte order, kind, bytes.
    private static func elementType(
        file: String, _ descr: String
    ) throws(KernelError) -> (kind: Kind, width: Int, isBigEndian: Bool) {
        let known: [String: (kind: Kind, width: Int)] = [
            "f2": (.real, 2), "f4": (.real, 4), "f8": (.real, 8),
            "i1": (.signed, 1), "i2": (.signed, 2), "i4": (.signed, 4), "i8": (.signed, 8),
            "u1": (.unsigned, 1), "u2": (.unsigned, 2), "u4": (.unsigned, 4), "u8": (.unsigned, 8),
            "b1": (.boolean, 1),
            // Types that NumPy does not know, as ml_dtypes has them written: bfloat16 and float8_e4m3fn are so many
            // bytes of something, float8_e5m2 a float of one byte.
            "V2": (.brain, 2), "V1": (.eighth, 1), "f1": (.real, 1),
        ]
        let named: [String: (kind: Kind, width: Int)] = [
            "bfloat16": (.brain, 2), "float8_e4m3fn": (.eighth, 1), "float8_e5m2": (.real, 1),
        ]
        if let type = named[descr] { return (type.kind, type.width, false) }
        if let order = descr.first, "<>|=".contains(order), let type = known[String(descr.dropFirst())],
            order != "|" || type.width == 1 || type.kind == .brain
        {
            return (type.kind, type.width, order == ">")
        }
        let what = descr.contains("O") ? "Python objects ('\(descr)')" : "elements of type '\(descr)'"
        throw InputFile.failure(
            file,
            "holds \(what); expected a float (f2, f4, f8, bfloat16 as V2, float8_e4m3fn as V1, float8_e5m2 as f1), integer "
                + "(i1…i8, u1…u8) or bool type"
        )
    }
}

/// The Python dictionary literal in a .npy header; nothing more of Python than NumPy writes there.
private struct NumpyLiteral {
    private let file: String
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(file: String, bytes: ArraySlice<UInt8>) {
        self.file = file
        self.bytes = bytes
        position = bytes.startIndex
    }

    mutating func header() throws(KernelError) -> (descr: String, isFortranOrder: Bool, shape: [Int]) {
        var descr: String?
        var isFortranOrder: Bool?
        var shape: [Int]?
        try expect("{")
        while try !take("}") {
            let key = try string()
            try expect(":")
            switch key {
            case "descr" where descr == nil:
                if try next() == "[" { throw failure("holds structured elements; expected one number an element") }
                descr = try string()
            case "fortran_order" where isFortranOrder == nil: isFortranOrder = try boolean()
            case "shape" where shape == nil: shape = try tuple()
            default: throw failure("has an unexpected or repeated header key '\(key)'")
            }
            if try !take(",") {
                try expect("}")
                break
            }
        }
        skipSpaces()
        guard position == bytes.endIndex else { throw failure("has text after the header's dictionary") }
        guard let descr, let isFortranOrder, let shape else {
            throw failure("lacks a header key; expected descr, fortran_order and shape")
        }
        return (descr, isFortranOrder, shape)
    }

    private func failure(_ what: String) -> KernelError { InputFile.failure(file, what) }

    private func malformed(_ expected: String) -> KernelError {
        failure("has a malformed header: expected \(expected) at byte \(position)")
    }

    private mutating func skipSpaces() {
        while position < bytes.endIndex, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    private mutating func next() throws(KernelError) -> Character {
        skipSpaces()
        guard position < bytes.endIndex else { throw malformed("more") }
        return Character(Unicode.Scalar(bytes[position]))
    }

    private mutating func take(_ character: Character) throws(KernelError) -> Bool {
        guard try next() == character else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Character) throws(KernelError) {
        guard try take(character) else { throw malformed("'\(character)'") }
    }

    private mutating func string() throws(KernelError) -> String {
        let quote = try next()
        guard quote == "'" || quote == "\"" else { throw malformed("a string") }
        position += 1
        let start = position
        while position < bytes.endIndex, Character(Unicode.Scalar(bytes[position])) != quote { position += 1 }
        guard position < bytes.endIndex, let text = String(validating: bytes[start..<position], as: UTF8.self),
            position - start <= 64, text.allSatisfy({ $0.isASCII && !$0.isNewline })
        else { throw malformed("a short string") }
        position += 1
        return text
    }

    private mutating func boolean() throws(KernelError) -> Bool {
        for (word, value) in [("True", true), ("False", false)] {
            skipSpaces()
            if bytes[position...].starts(with: word.utf8) {
                position += word.utf8.count
                return value
            }
        }
        throw malformed("True or False")
    }

    private mutating func tuple() throws(KernelError) -> [Int] {
        var sizes: [Int] = []
        try expect("(")
        while try !take(")") {
            guard sizes.count < 32 else { throw failure("has more than 32 dimensions") }
            sizes.append(try size())
            if try !take(",") {
                try expect(")")
                break
            }
        }
        return sizes
    }

    private mutating func size() throws(KernelError) -> Int {
        let isNegative = try take("-")
        let start = position
        while position < bytes.endIndex, (0x30...0x39).contains(bytes[position]) { position += 1 }
        let digits = String(decoding: bytes[start..<position], as: UTF8.self)
        guard !digits.isEmpty else { throw malformed("a dimension") }
        guard !isNegative else { throw failure("has the negative dimension -\(digits.prefix(24))") }
        guard let size = Int(digits) else {
            throw failure("has the dimension \(digits.prefix(24)), which no memory holds")
        }
        if position < bytes.endIndex, bytes[position] == UInt8(ascii: "L") { position += 1 }
        return size
    }
}

import FoundationEssentials

/// An array in NumPy's .npy format.
///
/// ```swift
/// let q = try NumpyFile(path: "q.npy").tensor(shape: [1, 8, 512, 64], type: .f16)
/// try NumpyFile.write(q, to: "copy.npy")
/// ```
/// Reads format versions 1 to 3, either byte order, C or Fortran order, and elements of any float (2, 4, 8 bytes),
/// integer or bool type, and of bfloat16, float8_e4m3fn and float8_e5m2 as ml_dtypes has them written: V2, V1 and f1.
/// Writes version 1.0, little-endian, C order. Every malformed file is a ``KernelError`` with code `invalidInput` that
/// names the file.
public struct NumpyFile: Sendable {
    /// Names the file in messages.
    public let name: String
    public let shape: [Int]
    /// The elements in C order. 64-bit integers beyond ±2⁵³ are rounded to the nearest float64.
    public let values: [Double]

    /// Reads a file.
    public init(path: String) throws(KernelError) {
        try self.init(name: path, bytes: try InputFile.bytes(path))
    }

    /// Reads a file's content.
    public init(name: String, bytes: [UInt8]) throws(KernelError) {
        let header = try NumpyHeader(file: name, bytes: bytes)
        self.name = name
        shape = header.shape
        let stored = Self.decode(bytes, header)
        values = header.isFortranOrder ? Self.inRowMajorOrder(stored, shape: header.shape) : stored
    }

    /// The array as an input: the shape checked, the elements rounded to `type`.
    ///
    /// - Throws: ``KernelError`` with code `invalidInput` when the shape differs, or an element is not finite, is not
    ///   whole where `type` is an integer, or is too large for `type`.
    public func tensor(shape expected: [Int], type: ElementType) throws(KernelError) -> Tensor {
        guard shape == expected else {
            throw InputFile.failure(name, "has the shape \(shape), expected \(expected)")
        }
        try checkRange(type)
        return Tensor(shape: shape, elements: type.element.elements(rounding: values))
    }

    /// Refuses elements that are not finite or become infinite as `type`, or are not whole where it is an integer.
    func checkRange(_ type: ElementType) throws(KernelError) {
        guard let index = values.firstIndex(where: { !type.element.holds($0) }) else { return }
        let place = Tensor.indices(of: index, shape: shape).map(String.init).joined(separator: ",")
        throw InputFile.failure(
            name, "holds \(values[index]) at [\(place)], which is no finite value of type \(type)")
    }

    /// The content of a .npy file that holds `tensor`.
    public static func bytes(_ tensor: Tensor) -> [UInt8] {
        let sizes = tensor.shape.map(String.init).joined(separator: ", ") + (tensor.shape.count == 1 ? "," : "")
        var header =
            "{'descr': '\(tensor.type.element.numpyDescription)', 'fortran_order': False, 'shape': (\(sizes)), }"
        // Elements begin at a multiple of 64 bytes, the header ends with a newline.
        let preamble = 10
        header += String(repeating: " ", count: 63 - (preamble + header.utf8.count) % 64) + "\n"
        var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
        bytes += [UInt8(header.utf8.count & 0xFF), UInt8(header.utf8.count >> 8)]
        bytes += Array(header.utf8)
        tensor.withBytes { elements in unsafe elements.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) } }
        return bytes
    }

    /// Writes `tensor` to a file, which is replaced as a whole or not at all.
    ///
    /// - Throws: ``KernelError`` with code `cannotWrite`.
    public static func write(_ tensor: Tensor, to path: String) throws(KernelError) {
        do {
            try Data(bytes(tensor)).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw KernelError(.cannotWrite, "\(path): cannot be written")
        }
    }

    private static func decode(_ bytes: [UInt8], _ header: NumpyHeader) -> [Double] {
        func decode<Pattern: FixedWidthInteger>(_ type: Pattern.Type, _ value: (Pattern) -> Double) -> [Double] {
            unsafe bytes.withUnsafeBytes { buffer in
                (0..<header.count).map { index in
                    let offset = header.dataOffset + index * header.width
                    let stored = unsafe buffer.loadUnaligned(fromByteOffset: offset, as: type)
                    return value(header.isBigEndian ? Pattern(bigEndian: stored) : Pattern(littleEndian: stored))
                }
            }
        }
        switch (header.kind, header.width) {
        case (.brain, _): return decode(UInt16.self) { BFloat16(bitPattern: $0).widened }
        case (.eighth, _): return decode(UInt8.self) { Self.widenedE4M3($0) }
        // float8_e5m2 is the upper half of a float16.
        case (.real, 1): return decode(UInt8.self) { Double(Float16(bitPattern: UInt16($0) << 8)) }
        case (.real, 2): return decode(UInt16.self) { Double(Float16(bitPattern: $0)) }
        case (.real, 4): return decode(UInt32.self) { Double(Float(bitPattern: $0)) }
        case (.real, _): return decode(UInt64.self) { Double(bitPattern: $0) }
        case (.signed, 1): return decode(Int8.self) { Double($0) }
        case (.signed, 2): return decode(Int16.self) { Double($0) }
        case (.signed, 4): return decode(Int32.self) { Double($0) }
        case (.signed, _): return decode(Int64.self) { Double($0) }
        case (.unsigned, 1): return decode(UInt8.self) { Double($0) }
        case (.unsigned, 2): return decode(UInt16.self) { Double($0) }
        case (.unsigned, 4): return decode(UInt32.self) { Double($0) }
        case (.unsigned, _): return decode(UInt64.self) { Double($0) }
        case (.boolean, _): return decode(UInt8.self) { $0 == 0 ? 0 : 1 }
        }
    }

    /// float8_e4m3fn (Micikevicius et al. 2022, FP8 Formats for Deep Learning, table 1): no infinities, one NaN of each
    /// sign.
    private static func widenedE4M3(_ bits: UInt8) -> Double {
        let (exponent, fraction) = (Int(bits >> 3 & 15), Double(bits & 7) / 8)
        if bits & 0x7F == 0x7F { return .nan }
        let magnitude =
            exponent == 0
            ? Double(sign: .plus, exponent: -6, significand: fraction)
            : Double(sign: .plus, exponent: exponent - 7, significand: 1 + fraction)
        return bits & 0x80 == 0 ? magnitude : -magnitude
    }

    /// Elements whose first index runs fastest, put in the order where the last one does.
    private static func inRowMajorOrder(_ values: [Double], shape: [Int]) -> [Double] {
        var strides: [Int] = []
        var stride = 1
        for size in shape {
            strides.append(stride)
            stride *= max(size, 1)
        }
        var result: [Double] = []
        result.reserveCapacity(values.count)
        var index = [Int](repeating: 0, count: shape.count)
        var offset = 0
        for _ in values.indices {
            result.append(values[offset])
            for axis in shape.indices.reversed() {
                index[axis] += 1
                offset += strides[axis]
                guard index[axis] == shape[axis] else { break }
                offset -= index[axis] * strides[axis]
                index[axis] = 0
            }
        }
        return result
    }
}

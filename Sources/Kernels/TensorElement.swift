/// What an element of a tensor is in memory: a conformance for each ``ElementType``.
public protocol TensorElement: BitwiseCopyable, Sendable, Equatable {
    static var type: ElementType { get }
    /// How NumPy writes it: the type that a .npy file of such elements has.
    static var numpyDescription: String { get }
    /// The nearest; ties go to even.
    init(rounding value: Double)
    /// The same number in float64, which holds them all.
    var widened: Double { get }
    /// Its bits, the lowest first.
    var pattern: UInt64 { get }
    /// Whether a number is held without becoming infinite, or, for integers, without changing.
    static func holds(_ value: Double) -> Bool
    /// Half of the smallest number above 0, below which everything is rounded to 0; 0 for integers.
    static var halfOfSmallest: Double { get }
    static func elements(_ values: [Self]) -> Tensor.Elements

    // What loops over many elements. These have one implementation, below, and are requirements nevertheless: so each
    // conformance has a copy that is compiled for its type, which a method of the extension alone has not where it is
    // called by `any TensorElement`.

    static func elements(rounding values: [Double]) -> Tensor.Elements
    /// As many elements as fill `bytes`, in this machine's byte order.
    static func elements(bytes: [UInt8]) -> Tensor.Elements
    static func doubles(_ elements: [Self], in range: Range<Int>) -> [Double]
    static func indices(ofPattern pattern: UInt64, in elements: [Self]) -> [Int]
}

extension TensorElement where Self: BinaryFloatingPoint {
    public init(rounding value: Double) { self.init(value) }
    public var widened: Double { Double(self) }
    public static func holds(_ value: Double) -> Bool { Self(value).isFinite }
    public static var halfOfSmallest: Double { Double(Self.leastNonzeroMagnitude) / 2 }
}

extension Float16: TensorElement {
    public static let type = ElementType.f16
    public static let numpyDescription = "<f2"
    public var pattern: UInt64 { UInt64(bitPattern) }
    public static func elements(_ values: [Self]) -> Tensor.Elements { .f16(values) }
}

extension Float: TensorElement {
    public static let type = ElementType.f32
    public static let numpyDescription = "<f4"
    public var pattern: UInt64 { UInt64(bitPattern) }
    public static func elements(_ values: [Self]) -> Tensor.Elements { .f32(values) }
}

extension Double: TensorElement {
    public static let type = ElementType.f64
    public static let numpyDescription = "<f8"
    public var pattern: UInt64 { bitPattern }
    public static func elements(_ values: [Self]) -> Tensor.Elements { .f64(values) }
}

extension Int32: TensorElement {
    public static let type = ElementType.i32
    public static let numpyDescription = "<i4"
    public init(rounding value: Double) { self.init(value.rounded(.toNearestOrEven)) }
    public var widened: Double { Double(self) }
    public var pattern: UInt64 { UInt64(UInt32(bitPattern: self)) }
    public static func holds(_ value: Double) -> Bool { Int32(exactly: value) != nil }
    public static var halfOfSmallest: Double { 0 }
    public static func elements(_ values: [Self]) -> Tensor.Elements { .i32(values) }
}

/// bfloat16: the upper half of a float32.
public struct BFloat16: TensorElement, Hashable {
    public let bitPattern: UInt16

    public init(bitPattern: UInt16) { self.bitPattern = bitPattern }

    /// Rounds once, from float64: by way of float32, rounded to odd, whose last bits then only tell on which side of a
    /// tie a number is.
    public init(rounding value: Double) {
        let nearest = Float(value)
        var bits = nearest.bitPattern
        guard !nearest.isNaN else {
            bitPattern = 0x7FC0
            return
        }
        if nearest.isFinite, Double(nearest) != value, bits & 1 == 0 {
            // Of the two floats that the number lies between, the odd one.
            bits = (abs(Double(nearest)) > abs(value) ? bits &- 1 : bits | 1)
        }
        bitPattern = UInt16(truncatingIfNeeded: (UInt64(bits) + 0x7FFF + UInt64(bits >> 16 & 1)) >> 16)
    }

    public static let type = ElementType.bf16
    /// As ml_dtypes has it written: NumPy itself knows no bfloat16.
    public static let numpyDescription = "<V2"
    public var widened: Double { Double(Float(bitPattern: UInt32(bitPattern) << 16)) }
    public var pattern: UInt64 { UInt64(bitPattern) }
    public static func holds(_ value: Double) -> Bool { BFloat16(rounding: value).widened.isFinite }
    public static var halfOfSmallest: Double { BFloat16(bitPattern: 1).widened / 2 }
    public static func elements(_ values: [Self]) -> Tensor.Elements { .bf16(values) }
}

extension Tensor {
    /// Arrays of each type of elements.
    public enum Elements: Sendable, Equatable {
        case f16([Float16])
        case bf16([BFloat16])
        case f32([Float])
        case f64([Double])
        case i32([Int32])

        var array: any TensorElements {
            switch self {
            case .f16(let values): values
            case .bf16(let values): values
            case .f32(let values): values
            case .f64(let values): values
            case .i32(let values): values
            }
        }
    }
}

extension ElementType {
    /// The Swift type of such elements.
    public var element: any TensorElement.Type {
        switch self {
        case .f16: Float16.self
        case .bf16: BFloat16.self
        case .f32: Float.self
        case .f64: Double.self
        case .i32: Int32.self
        }
    }
}

extension TensorElement {
    public static func elements(rounding values: [Double]) -> Tensor.Elements {
        elements(values.map { Self(rounding: $0) })
    }

    public static func elements(bytes: [UInt8]) -> Tensor.Elements {
        let size = MemoryLayout<Self>.stride
        return unsafe bytes.withUnsafeBytes { buffer in
            elements(
                unsafe [Self](unsafeUninitializedCapacity: buffer.count / size) { target, count in
                    count = buffer.count / size
                    unsafe UnsafeMutableRawBufferPointer(target).copyMemory(
                        from: UnsafeRawBufferPointer(rebasing: buffer[..<(count * size)]))
                })
        }
    }

    public static func doubles(_ elements: [Self], in range: Range<Int>) -> [Double] {
        elements[range].map { $0.widened }
    }

    public static func indices(ofPattern pattern: UInt64, in elements: [Self]) -> [Int] {
        elements.indices.filter { elements[$0].pattern == pattern }
    }
}

/// An array of elements, whatever their type.
protocol TensorElements: Sendable {
    var type: ElementType { get }
    var count: Int { get }
    func doubles(in range: Range<Int>) -> [Double]
    func indices(ofPattern pattern: UInt64) -> [Int]
    /// The first `count` elements of the array, over and over again.
    func repeated(count: Int) -> Tensor.Elements
    func withBytes<Result, Failure: Error>(_ body: (RawSpan) throws(Failure) -> Result) throws(Failure) -> Result
}

extension Array: TensorElements where Element: TensorElement {
    var type: ElementType { Element.type }
    func doubles(in range: Range<Int>) -> [Double] { Element.doubles(self, in: range) }
    func indices(ofPattern pattern: UInt64) -> [Int] { Element.indices(ofPattern: pattern, in: self) }

    func repeated(count: Int) -> Tensor.Elements {
        var elements: [Element] = []
        elements.reserveCapacity(count)
        while elements.count < count { elements += prefix(count - elements.count) }
        return Element.elements(elements)
    }

    func withBytes<Result, Failure: Error>(_ body: (RawSpan) throws(Failure) -> Result) throws(Failure) -> Result {
        unsafe try body(span.bytes)
    }
}

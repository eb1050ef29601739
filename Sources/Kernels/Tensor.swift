/// Storage precision of a workload's tensors. Accumulation is always float32 or wider.
public enum Precision: String, Codable, Sendable, CaseIterable {
    case f32, f16

    /// Bytes a stored element.
    public var byteCount: Int { self == .f32 ? 4 : 2 }
}

/// The type of a tensor's elements as stored for a kernel.
public enum ElementType: String, Codable, Sendable {
    case f32, f16, f64, i32

    public var byteCount: Int {
        switch self {
        case .f16: 2
        case .f32, .i32: 4
        case .f64: 8
        }
    }
}

/// A dense row-major array on the host; the last dimension is contiguous.
///
/// Elements are kept in the type that a kernel stores them in, so that the oracle sees the same rounded inputs.
public struct Tensor: Sendable, Equatable {
    public enum Elements: Sendable, Equatable {
        case f16([Float16])
        case f32([Float])
        case f64([Double])
        case i32([Int32])
    }

    public let shape: [Int]
    public let elements: Elements

    /// - Precondition: the element count equals the product of `shape`.
    public init(shape: [Int], elements: Elements) {
        self.shape = shape
        self.elements = elements
        precondition(count == shape.reduce(1, *), "\(count) elements do not fill the shape \(shape)")
    }

    /// The elements as a device gives them back, in this machine's byte order.
    ///
    /// - Throws: ``KernelError`` with code `invalidInput` when `bytes` do not fill the shape exactly.
    public init(plan: TensorPlan, bytes: [UInt8]) throws(KernelError) {
        guard bytes.count == plan.byteCount, !plan.shape.contains(where: { $0 < 0 }) else {
            throw KernelError(
                .invalidInput,
                "'\(plan.name)' of shape \(plan.shape) takes \(plan.byteCount) bytes, found \(bytes.count)")
        }
        func elements<Element: BitwiseCopyable>(_ type: Element.Type) -> [Element] {
            unsafe bytes.withUnsafeBytes { buffer in
                (0..<(buffer.count / MemoryLayout<Element>.size)).map { index in
                    unsafe buffer.loadUnaligned(fromByteOffset: index * MemoryLayout<Element>.size, as: type)
                }
            }
        }
        switch plan.type {
        case .f16: self.init(shape: plan.shape, elements: .f16(elements(Float16.self)))
        case .f32: self.init(shape: plan.shape, elements: .f32(elements(Float.self)))
        case .f64: self.init(shape: plan.shape, elements: .f64(elements(Double.self)))
        case .i32: self.init(shape: plan.shape, elements: .i32(elements(Int32.self)))
        }
    }

    /// Rounds `values` to the stored type.
    public init(shape: [Int], rounding values: [Double], to precision: Precision) {
        switch precision {
        case .f16: self.init(shape: shape, elements: .f16(values.map { Float16($0) }))
        case .f32: self.init(shape: shape, elements: .f32(values.map { Float($0) }))
        }
    }

    public var count: Int {
        switch elements {
        case .f16(let values): values.count
        case .f32(let values): values.count
        case .f64(let values): values.count
        case .i32(let values): values.count
        }
    }

    public var type: ElementType {
        switch elements {
        case .f16: .f16
        case .f32: .f32
        case .f64: .f64
        case .i32: .i32
        }
    }

    public var byteCount: Int { count * type.byteCount }

    /// The elements widened to float64. Exact for every type.
    public var doubles: [Double] {
        if case .f64(let values) = elements { values } else { doubles(in: 0..<count) }
    }

    /// Those elements of a range of linear indices.
    func doubles(in range: Range<Int>) -> [Double] {
        switch elements {
        case .f16(let values): values[range].map { Double($0) }
        case .f32(let values): values[range].map { Double($0) }
        case .f64(let values): Array(values[range])
        case .i32(let values): values[range].map { Double($0) }
        }
    }

    /// Calls `body` with the bytes as a kernel reads them.
    public func withBytes<Result, Failure: Error>(_ body: (RawSpan) throws(Failure) -> Result) throws(Failure) -> Result
    {
        switch elements {
        case .f16(let values): unsafe try body(values.span.bytes)
        case .f32(let values): unsafe try body(values.span.bytes)
        case .f64(let values): unsafe try body(values.span.bytes)
        case .i32(let values): unsafe try body(values.span.bytes)
        }
    }
}

extension Tensor {
    /// A tensor from the bytes that a device gave back.
    ///
    /// - Precondition: `bytes` holds the product of `shape` elements of `type`.
    public init(shape: [Int], type: ElementType, bytes: [UInt8]) {
        func elements<Element: BitwiseCopyable>(_: Element.Type) -> [Element] {
            unsafe bytes.withUnsafeBytes { buffer in
                unsafe [Element](unsafeUninitializedCapacity: bytes.count / MemoryLayout<Element>.stride) {
                    target, count in
                    unsafe UnsafeMutableRawBufferPointer(target).copyMemory(from: buffer)
                    count = bytes.count / MemoryLayout<Element>.stride
                }
            }
        }
        switch type {
        case .f16: self.init(shape: shape, elements: .f16(elements(Float16.self)))
        case .f32: self.init(shape: shape, elements: .f32(elements(Float.self)))
        case .f64: self.init(shape: shape, elements: .f64(elements(Double.self)))
        case .i32: self.init(shape: shape, elements: .i32(elements(Int32.self)))
        }
    }
}

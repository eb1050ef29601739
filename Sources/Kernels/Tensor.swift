/// A dense row-major array on the host; the last dimension is contiguous.
///
/// Elements are kept in the type that a kernel stores them in, so that the oracle sees the same rounded inputs.
public struct Tensor: Sendable, Equatable {
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
        self.init(shape: plan.shape, type: plan.type, bytes: bytes)
    }

    /// Rounds `values` to a stored type.
    public init(shape: [Int], rounding values: [Double], to precision: Precision) {
        self.init(shape: shape, elements: precision.elementType.element.elements(rounding: values))
    }

    /// A tensor from the bytes that a device gave back.
    ///
    /// - Precondition: `bytes` holds the product of `shape` elements of `type`.
    public init(shape: [Int], type: ElementType, bytes: [UInt8]) {
        self.init(shape: shape, elements: type.element.elements(bytes: bytes))
    }

    public var count: Int { elements.array.count }

    public var type: ElementType { elements.array.type }

    /// The precision of the workload that stores its tensors so; `nil` for types that only some tensors have.
    public var precision: Precision? { Precision.allCases.first { $0.elementType == type } }

    public var byteCount: Int { count * type.byteCount }

    /// The elements widened to float64. Exact for every type.
    public var doubles: [Double] {
        if case .f64(let values) = elements { values } else { doubles(in: 0..<count) }
    }

    /// Those elements of a range of linear indices.
    package func doubles(in range: Range<Int>) -> [Double] { elements.array.doubles(in: range) }

    /// Calls `body` with the bytes as a kernel reads them.
    public func withBytes<Result, Failure: Error>(_ body: (RawSpan) throws(Failure) -> Result) throws(Failure) -> Result
    {
        try elements.array.withBytes(body)
    }
}

/// Storage precision of a workload's tensors. Accumulation is always float32 or wider.
///
/// All that the tool knows of one is its row here. A new precision is a case and a row, a type of elements in Swift
/// (`TensorElement.swift`), and loads and stores in each language: `joulemark_storage.h` with a block in
/// `joulemark_kernel.h`, `storage.cl`, `storage.glsl`.
public enum Precision: String, Codable, Sendable, CaseIterable {
    case f32, f16, bf16

    private var row: (type: ElementType, roundingError: Double, tolerance: Double) {
        switch self {
        case .f32: (.f32, 0x1p-24, 1e-11)
        case .f16: (.f16, 0x1p-11, 1e-6)
        case .bf16: (.bf16, 0x1p-8, 6.4e-5)
        }
    }

    /// The type of tensors that are stored in it.
    public var elementType: ElementType { row.type }
    /// Largest relative error of rounding to it.
    public var roundingError: Double { row.roundingError }
    /// Largest normalised mean squared error of a right result. Squares of rounding errors decide it: bf16 has three
    /// bits fewer than f16, 64 times the square.
    public var tolerance: Double { row.tolerance }
    /// Bytes a stored element.
    public var byteCount: Int { row.type.byteCount }
    /// What kernels are told of it: `STORAGE_F16` is defined in a kernel for f16.
    public var storageDefine: String { "STORAGE_\(rawValue.uppercased())" }
}

/// The type of a tensor's elements as stored for a kernel.
public enum ElementType: String, Codable, Sendable, CaseIterable {
    case f16, bf16, f32, f64, i32

    public var byteCount: Int {
        switch self {
        case .f16, .bf16: 2
        case .f32, .i32: 4
        case .f64: 8
        }
    }
}

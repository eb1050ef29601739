import CKernels

/// An instruction set that CPU stages are compiled for.
public enum InstructionSet: String, Codable, Sendable, CaseIterable {
    /// What every processor of the architecture has: SSE2 on x86-64.
    case baseline
    /// AVX2 with fused multiply-add and half-precision conversion.
    case avx2
    /// AVX-512 with its F, VL, BW and DQ parts.
    case avx512
    /// Arm's Advanced SIMD.
    case neon

    /// True when this processor executes it and the operating system saves its registers.
    public var isSupported: Bool { unsafe rawValue.withCString { unsafe joulemark_supports($0) != 0 } }

    /// Those supported here, the widest last.
    public static var supported: [InstructionSet] { allCases.filter(\.isSupported) }

    /// The widest supported here.
    public static var widest: InstructionSet { supported.last ?? .baseline }
}

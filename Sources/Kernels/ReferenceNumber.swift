import Glibc

/// What a reference computes in: float64 for the oracle, float32 to learn what rounding does to an input.
protocol ReferenceNumber: BinaryFloatingPoint, SIMDScalar, BitwiseCopyable, Codable, Sendable {
    static func exponential(_ x: Self) -> Self
    /// The same numbers, rounded.
    static func numbers(_ doubles: [Double]) -> [Self]
    /// The number as strategies keep it that store what lies between their stages. An oracle's stays what it is.
    func stored(_ precision: Precision) -> Self
}

extension Double: ReferenceNumber {
    static func exponential(_ x: Double) -> Double { exp(x) }
    static func numbers(_ doubles: [Double]) -> [Double] { doubles }
    func stored(_ precision: Precision) -> Double { self }
}

extension Float: ReferenceNumber {
    /// By base 2, as kernels have it, so that the rounding of the exponent shows.
    static func exponential(_ x: Float) -> Float { exp2(x * 1.442_695_04) }

    static func numbers(_ doubles: [Double]) -> [Float] { doubles.map { Float($0) } }

    func stored(_ precision: Precision) -> Float {
        let type = precision.elementType
        return type == .f32 ? self : Float(type.element.init(rounding: Double(self)).widened)
    }
}

/// x · sigmoid(x) (Elfwing et al. 2017), without overflow for any x.
func silu<Number: ReferenceNumber>(_ x: Number) -> Number { x / (1 + .exponential(-x)) }

extension [String: Tensor] {
    /// The tensor of this name as numbers of a reference; exact in both types.
    ///
    /// - Throws: ``KernelError`` with code `invalidInput` when it is missing.
    func numbers<Number: ReferenceNumber>(_ name: String, of family: String) throws(KernelError) -> [Number] {
        Number.numbers(try doubles(name, of: family))
    }

    /// The elements of an input in a range of its linear indices.
    func numbers<Number: ReferenceNumber>(
        _ name: String, of family: String, _ range: Range<Int>
    ) throws(KernelError) -> [Number] {
        Number.numbers(try doubles(name, of: family, range))
    }

    /// The precision that all tensors have which have one.
    var precision: Precision { values.lazy.compactMap(\.precision).first ?? .f32 }
}

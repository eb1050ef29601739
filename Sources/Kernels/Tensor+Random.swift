import Statistics

extension Tensor {
    /// Seeded standard-normal values times `scale`, rounded to the stored precision.
    ///
    /// - Parameter purpose: names the tensor, so that each has its own numbers under one seed.
    public static func normal(
        shape: [Int], scale: Double = 1, precision: Precision, seed: UInt64, purpose: String
    ) -> Tensor {
        var generator = SeededGenerator(seed: seed, purpose: purpose)
        let count = shape.reduce(1, *)
        return Tensor(
            shape: shape, rounding: (0..<count).map { _ in generator.normal() * scale }, to: precision)
    }

    /// Seeded integers from 0 to `limit` − 1, each as likely.
    static func integers(shape: [Int], below limit: Int, seed: UInt64, purpose: String) -> Tensor {
        var generator = SeededGenerator(seed: seed, purpose: purpose)
        let count = shape.reduce(1, *)
        return Tensor(
            shape: shape, elements: .i32((0..<count).map { _ in Int32.random(in: 0..<Int32(limit), using: &generator) })
        )
    }
}

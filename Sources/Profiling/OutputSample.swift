import Kernels
import Results

/// Some numbers of outputs that were verified: what later executions of the same program on the same inputs are held
/// against.
///
/// A driver that stops executing, or a kernel that is right the first time alone, would otherwise be timed doing
/// nothing.
struct OutputSample: Codable, Sendable, Equatable {
    /// Of an output, spread over all of it.
    private static let largestCount = 1024

    /// Bits of the numbers as float32, by the output's name: JSON has no word for infinity.
    private var bits: [String: [UInt32]]
    /// The largest sum of squared differences over the sum of squares that passes.
    private var tolerance: Double

    /// - Parameter verification: of the outputs, which passed. Two right results differ by no more than their errors
    ///   together.
    init(_ outputs: [String: Tensor], _ verification: VerificationRecord) {
        bits = outputs.mapValues(Self.bits)
        tolerance = 4 * max(verification.tolerance, verification.normalizedMeanSquaredError ?? 0)
    }

    /// Of what a worker tells: no outputs have so many numbers in their sample.
    var isTooLarge: Bool { bits.values.reduce(0) { $0 + $1.count } > 64 * 2 * Self.largestCount }

    private static func bits(_ tensor: Tensor) -> [UInt32] {
        // An odd step meets every column of an even number of them.
        let step = tensor.count / largestCount | 1
        return stride(from: 0, to: tensor.count, by: step).map { place in
            Float(tensor.doubles(in: place..<place + 1)[0]).bitPattern
        }
    }

    /// How outputs of a later execution differ; `nil` when they are right.
    func difference(to outputs: [String: Tensor]) -> String? {
        for (name, before) in bits.sorted(by: { $0.key < $1.key }) {
            guard let tensor = outputs[name] else { return "'\(name)' is not there" }
            let pairs = zip(before, Self.bits(tensor)).map { (Float(bitPattern: $0), Float(bitPattern: $1)) }
            // What was no number and is none has not changed.
            let numbers = pairs.filter {
                $0.0.isFinite || $0.0.bitPattern != $0.1.bitPattern && !($0.0.isNaN && $0.1.isNaN)
            }
            if let wrong = numbers.first(where: { !$0.1.isFinite }) {
                return "'\(name)' holds \(wrong.1) where it held \(wrong.0)"
            }
            let size = numbers.reduce(0.0) { $0 + Double($1.0) * Double($1.0) }
            let change = numbers.reduce(0.0) { $0 + (Double($1.1) - Double($1.0)) * (Double($1.1) - Double($1.0)) }
            guard change > tolerance * size else { continue }
            return "'\(name)' differs from what was verified by a normalised squared error of \(change / size)"
        }
        return nil
    }
}

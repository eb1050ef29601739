/// The mathematics of a family: inputs as a model would give them, a float64 oracle, a FLOP and a byte model.
///
/// A conformance must keep these promises, which the tests of the catalogue check for every family:
/// - the same parameters, precision and seed give the same inputs; no input is all zeros or constant;
/// - `outputs` reads only `inputs`, widens to float64 before its first operation and never rounds back;
/// - `flops` counts the operations of the mathematics, not of a strategy.
///
/// Where a family has derived parameters, `flops`, `minimumBytes` and `packed` receive them among `parameters`.
public protocol FamilyReference: Sendable {
    /// The name of the family's folder under kernels/.
    var family: String { get }

    /// Checks what family.json cannot express.
    ///
    /// - Throws: ``KernelError`` with code `invalidParameter`: names the key, what was found, what was expected.
    func validate(_ parameters: [String: Int]) throws(KernelError)

    /// Seeded inputs by tensor name, rounded to the stored precision.
    func inputs(_ parameters: [String: Int], precision: Precision, seed: UInt64) throws(KernelError) -> [String: Tensor]

    /// The seeded inputs that the user does not give: all but `given`, which a family leaves out where making them
    /// would be work for nothing.
    func inputs(
        _ parameters: [String: Int], precision: Precision, seed: UInt64, without given: Set<String>
    ) throws(KernelError) -> [String: Tensor]

    /// Inputs that a sparse matrix of the user's gives, with the parameters that follow from its size; `nil` when the
    /// family takes no sparse matrix under this name.
    func inputs(
        named name: String, from matrix: SparseMatrix, precision: Precision
    ) throws(KernelError) -> (inputs: [String: Tensor], parameters: [String: Int])?

    /// Sizes that follow from the inputs: family.json's `derived`.
    ///
    /// - Throws: ``KernelError`` with code `invalidInput` when the inputs contradict each other.
    func derivedParameters(
        _ parameters: [String: Int], inputs: [String: Tensor]
    ) throws(KernelError) -> [String: Int]

    /// Other forms of the inputs: those of family.json's `packed` that are named.
    func packed(
        _ names: Set<String>, _ parameters: [String: Int], inputs: [String: Tensor]
    ) throws(KernelError) -> [String: Tensor]

    /// The outputs in float64, by tensor name.
    func outputs(_ parameters: [String: Int], inputs: [String: Tensor]) throws(KernelError) -> [String: [Double]]

    /// The same as plain float32 arithmetic gives them, one operation after the other, with what strategies store
    /// between their stages rounded to the inputs' precision: what rounding makes of these inputs. `nil` where nothing
    /// is known of that.
    func roundedOutputs(_ parameters: [String: Int], inputs: [String: Tensor]) throws(KernelError) -> [String: [Float]]?

    /// Numbers in float64 that ``outputs(_:inputs:)`` holds at once besides its outputs; `inputs` is how many its
    /// inputs have.
    func workingCount(_ parameters: [String: Int], inputs: Double) -> Double
    /// How often in a row what becomes an output is stored, and so rounded, on the way: errors of as many roundings add
    /// up.
    func roundings(_ parameters: [String: Int]) -> Int

    /// Floating-point operations of one execution; a fused multiply-add counts 2.
    func flops(_ parameters: [String: Int]) -> Double

    /// Bytes moved when each input is read once and each output written once.
    func minimumBytes(_ parameters: [String: Int], precision: Precision) -> Double

    /// Tokens that one execution processes, or `nil` where the word means nothing.
    func tokens(_ parameters: [String: Int]) -> Double?

    /// Shapes that are known to break careless kernels, each with a name for the test report. A key that is no
    /// parameter of the family asks ``inputs(_:precision:seed:)`` for special numbers, such as large logits.
    var hardCases: [(name: String, parameters: [String: Int])] { get }
}

extension FamilyReference {
    public func validate(_ parameters: [String: Int]) throws(KernelError) {}

    public func inputs(
        _ parameters: [String: Int], precision: Precision, seed: UInt64, without given: Set<String>
    ) throws(KernelError) -> [String: Tensor] { try inputs(parameters, precision: precision, seed: seed) }

    public func inputs(
        named name: String, from matrix: SparseMatrix, precision: Precision
    ) throws(KernelError) -> (inputs: [String: Tensor], parameters: [String: Int])? { nil }

    public func derivedParameters(
        _ parameters: [String: Int], inputs: [String: Tensor]
    ) throws(KernelError) -> [String: Int] { [:] }

    public func packed(
        _ names: Set<String>, _ parameters: [String: Int], inputs: [String: Tensor]
    ) throws(KernelError) -> [String: Tensor] { [:] }
}

extension FamilyReference {
    public func workingCount(_ parameters: [String: Int], inputs: Double) -> Double { inputs }
    public func roundings(_ parameters: [String: Int]) -> Int { 1 }

    public func roundedOutputs(
        _ parameters: [String: Int], inputs: [String: Tensor]
    ) throws(KernelError) -> [String: [Float]]? { nil }
}

extension [String: Tensor] {
    /// The tensor of this name, widened to float64.
    ///
    /// - Throws: ``KernelError`` with code `invalidInput` when it is missing.
    func doubles(_ name: String, of family: String) throws(KernelError) -> [Double] {
        guard let tensor = self[name] else { throw KernelError(.invalidInput, "\(family) lacks its input '\(name)'") }
        return tensor.doubles
    }

    /// The elements of an input in a range of its linear indices, as float64.
    func doubles(_ name: String, of family: String, _ range: Range<Int>) throws(KernelError) -> [Double] {
        guard let tensor = self[name] else { throw KernelError(.invalidInput, "\(family) lacks its input '\(name)'") }
        return tensor.doubles(in: range)
    }
}

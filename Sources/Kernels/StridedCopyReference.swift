import Statistics

/// y[a,b,c,:] = x[first + a · strideA + b · strideB + c · strideC + :], as NumPy copies a strided view.
struct StridedCopyReference: FamilyReference {
    let family = "strided-copy"

    func inputs(_ parameters: [String: Int], precision: Precision, seed: UInt64) throws(KernelError) -> [String: Tensor]
    {
        ["x": .normal(shape: [parameters["size"] ?? 1], precision: precision, seed: seed, purpose: "strided-copy.x")]
    }

    func outputs(_ parameters: [String: Int], inputs: [String: Tensor]) throws(KernelError) -> [String: [Double]] {
        let x = try inputs.doubles("x", of: family)
        let size = parameters["D"] ?? 1
        var y: [Double] = []
        y.reserveCapacity(Int(elementCount(parameters)))
        for a in 0..<(parameters["A"] ?? 1) {
            for b in 0..<(parameters["B"] ?? 1) {
                for c in 0..<(parameters["C"] ?? 1) {
                    let place =
                        (parameters["first"] ?? 0) + a * (parameters["strideA"] ?? 0) + b * (parameters["strideB"] ?? 0)
                        + c * (parameters["strideC"] ?? 0)
                    y += x[place..<(place + size)]
                }
            }
        }
        return ["y": y]
    }

    /// A copy rounds nothing.
    func roundedOutputs(
        _ parameters: [String: Int], inputs: [String: Tensor]
    ) throws(KernelError) -> [String: [Float]]? {
        try outputs(parameters, inputs: inputs).mapValues { $0.map { Float($0) } }
    }

    func flops(_ parameters: [String: Int]) -> Double { 0 }

    func minimumBytes(_ parameters: [String: Int], precision: Precision) -> Double {
        let count = elementCount(parameters)
        return (count + min(count, Double(parameters["size"] ?? 1))) * Double(precision.byteCount)
    }

    func tokens(_ parameters: [String: Int]) -> Double? { nil }

    var hardCases: [(name: String, parameters: [String: Int])] {
        func with(_ values: [String: Int]) -> [String: Int] {
            ["A": 1, "B": 1, "C": 1, "D": 1, "strideA": 0, "strideB": 0, "strideC": 0, "first": 0, "size": 1]
                .merging(values) { $1 }
        }
        return [
            ("one element", with([:])), ("the last element", with(["first": 6, "size": 7])),
            (
                "heads of odd sizes",
                with(["A": 2, "B": 5, "C": 3, "D": 7, "strideA": 105, "strideB": 7, "strideC": 35, "size": 210])
            ),
            ("a part of odd rows", with(["C": 37, "D": 13, "strideC": 31, "first": 11, "size": 1147])),
            ("the same row again", with(["B": 3, "C": 9, "D": 33, "strideB": 33, "size": 99])),
            ("more rows than a group has", with(["C": 300, "D": 129, "strideC": 130, "size": 39_000])),
        ]
    }

    private func elementCount(_ parameters: [String: Int]) -> Double {
        ["A", "B", "C", "D"].reduce(1) { $0 * Double(parameters[$1] ?? 1) }
    }
}

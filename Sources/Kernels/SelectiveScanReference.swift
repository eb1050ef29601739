import Glibc
import Statistics

/// The selective state-space scan of Mamba (Gu and Dao 2023, section 3.2, algorithm 2), with its gate.
///
/// For each batch and channel, with N states: h = exp(Δ·A) · h + Δ · Bm · u, y = (Cm·h + Dv · u) · silu(z), and h = 0
/// before the first step.
struct SelectiveScanReference: ComputedReference {
    let family = "selective-scan"

    func inputs(_ parameters: [String: Int], precision: Precision, seed: UInt64) throws(KernelError) -> [String: Tensor]
    {
        let shape = ScanShape(parameters)
        let (channels, states) = (shape.channels, shape.states)
        let sequence = [shape.batch, shape.length, channels]
        let projection = [shape.batch, shape.length, states]
        func normal(_ name: String, _ tensorShape: [Int]) -> Tensor {
            .normal(shape: tensorShape, precision: precision, seed: seed, purpose: "selective-scan.\(name)")
        }
        // A = −(n + 1), as the model is initialised (S4D-real), each moved a little as training does.
        var generator = SeededGenerator(seed: seed, purpose: "selective-scan.A")
        let a = (0..<(channels * states)).map { -Double($0 % states + 1) * exp(0.1 * generator.normal()) }
        return [
            "u": normal("u", sequence), "z": normal("z", sequence), "Bm": normal("Bm", projection),
            "Cm": normal("Cm", projection), "Dv": normal("Dv", [channels]),
            "A": Tensor(shape: [channels, states], rounding: a, to: precision),
            "delta": .timeSteps(
                shape: sequence, isLong: parameters["longDecay"] == 1, precision: precision, seed: seed,
                purpose: "selective-scan.delta"),
        ]
    }

    func computed<Number: ReferenceNumber>(
        _ parameters: [String: Int], _ inputs: [String: Tensor]
    ) throws(KernelError) -> [String: [Number]] {
        let shape = ScanShape(parameters)
        let (channels, states, length) = (shape.channels, shape.states, shape.length)
        let u: [Number] = try inputs.numbers("u", of: family)
        let delta: [Number] = try inputs.numbers("delta", of: family)
        let z: [Number] = try inputs.numbers("z", of: family)
        let a: [Number] = try inputs.numbers("A", of: family)
        let b: [Number] = try inputs.numbers("Bm", of: family)
        let c: [Number] = try inputs.numbers("Cm", of: family)
        let d: [Number] = try inputs.numbers("Dv", of: family)
        let precision = inputs.precision
        let y: [Number] = unsafe Parallel.fill(size: u.count, parts: shape.batch * channels) { part, output in
            let (batch, channel) = part.quotientAndRemainder(dividingBy: channels)
            var state = [Number](repeating: 0, count: states)
            for step in 0..<length {
                let place = (batch * length + step) * channels + channel
                let projection = (batch * length + step) * states
                var sum = d[channel] * u[place]
                for index in 0..<states {
                    let decay = Number.exponential(delta[place] * a[channel * states + index])
                    state[index] = decay * state[index] + delta[place] * b[projection + index] * u[place]
                    sum += c[projection + index] * state[index]
                }
                unsafe output[place] = sum.stored(precision) * silu(z[place])
            }
        }
        return ["y": y]
    }

    /// Nine operations a state and step, two a step for the skip connection (the convention of Mamba's own counts).
    func flops(_ parameters: [String: Int]) -> Double {
        let shape = ScanShape(parameters)
        return shape.elements * (9 * Double(shape.states) + 2)
    }

    func minimumBytes(_ parameters: [String: Int], precision: Precision) -> Double {
        let shape = ScanShape(parameters)
        let projections = 2 * Double(shape.batch) * Double(shape.length) * Double(shape.states)
        let constants = Double(shape.channels) * Double(shape.states + 1)
        return (4 * shape.elements + projections + constants) * Double(precision.byteCount)
    }

    func tokens(_ parameters: [String: Int]) -> Double? {
        let shape = ScanShape(parameters)
        return Double(shape.batch) * Double(shape.length)
    }

    var hardCases: [(name: String, parameters: [String: Int])] {
        let base = ["B": 2, "L": 67, "D": 40, "N": 16]
        func with(_ changes: [String: Int]) -> [String: Int] { base.merging(changes) { $1 } }
        return [
            ("a length that no chunk divides", base), ("one step: decode", with(["L": 1])),
            ("decay down to exp(−80)", with(["longDecay": 1])), ("one state", with(["N": 1])),
            ("one channel", with(["D": 1])), ("many states", with(["N": 64, "L": 33])),
            ("longer than several chunks", with(["B": 1, "L": 1030, "D": 16])),
        ]
    }
}

/// The state-space dual form of Mamba-2 (Dao and Gu 2024, sections 3 and 6): one decay a head.
///
/// For each batch and head, with state h[P,N]: h = exp(dt·A) · h + dt · x ⊗ Bm, y = h·Cm + Dv · x. The heads of a group
/// share Bm and Cm.
struct StateSpaceDualReference: ComputedReference {
    let family = "ssd"

    func inputs(_ parameters: [String: Int], precision: Precision, seed: UInt64) throws(KernelError) -> [String: Tensor]
    {
        let shape = DualShape(parameters)
        let projection = [shape.batch, shape.length, shape.groups, shape.states]
        func normal(_ name: String, _ tensorShape: [Int]) -> Tensor {
            .normal(shape: tensorShape, precision: precision, seed: seed, purpose: "ssd.\(name)")
        }
        // A is initialised uniformly in −16…−1 (the paper's code, A_init_range).
        var generator = SeededGenerator(seed: seed, purpose: "ssd.A")
        let a = (0..<shape.heads).map { _ in -1 - 15 * generator.uniform() }
        return [
            "x": normal("x", [shape.batch, shape.length, shape.heads, shape.headSize]),
            "Bm": normal("Bm", projection), "Cm": normal("Cm", projection), "Dv": normal("Dv", [shape.heads]),
            "A": Tensor(shape: [shape.heads], rounding: a, to: precision),
            "dt": .timeSteps(
                shape: [shape.batch, shape.length, shape.heads], isLong: parameters["longDecay"] == 1,
                precision: precision, seed: seed, purpose: "ssd.dt"),
        ]
    }

    func computed<Number: ReferenceNumber>(
        _ parameters: [String: Int], _ inputs: [String: Tensor]
    ) throws(KernelError) -> [String: [Number]] {
        let shape = DualShape(parameters)
        let (heads, size, states, length) = (shape.heads, shape.headSize, shape.states, shape.length)
        let x: [Number] = try inputs.numbers("x", of: family)
        let dt: [Number] = try inputs.numbers("dt", of: family)
        let a: [Number] = try inputs.numbers("A", of: family)
        let b: [Number] = try inputs.numbers("Bm", of: family)
        let c: [Number] = try inputs.numbers("Cm", of: family)
        let d: [Number] = try inputs.numbers("Dv", of: family)
        let y: [Number] = unsafe Parallel.fill(size: x.count, parts: shape.batch * heads) { part, output in
            let (batch, head) = part.quotientAndRemainder(dividingBy: heads)
            let group = head / (heads / shape.groups)
            var state = [Number](repeating: 0, count: size * states)
            for step in 0..<length {
                let row = batch * length + step
                let projection = (row * shape.groups + group) * states
                let timeStep = dt[row * heads + head]
                let decay = Number.exponential(timeStep * a[head])
                for component in 0..<size {
                    let place = (row * heads + head) * size + component
                    let value = x[place]
                    var sum = d[head] * value
                    for index in 0..<states {
                        let updated =
                            decay * state[component * states + index] + timeStep * value * b[projection + index]
                        state[component * states + index] = updated
                        sum += updated * c[projection + index]
                    }
                    unsafe output[place] = sum
                }
            }
        }
        return ["y": y]
    }

    /// The paper's chunked form with chunks of Q (section 6.1): what makes the work matrix products.
    func flops(_ parameters: [String: Int]) -> Double {
        let shape = DualShape(parameters)
        let chunk = Double(parameters["Q"] ?? 1)
        let rows = Double(shape.batch) * Double(shape.length)
        let (size, states) = (Double(shape.headSize), Double(shape.states))
        return 2 * rows * Double(shape.heads) * (chunk * size + 2 * states * size)
            + 2 * rows * Double(shape.groups) * chunk * states
    }

    func minimumBytes(_ parameters: [String: Int], precision: Precision) -> Double {
        let shape = DualShape(parameters)
        let rows = Double(shape.batch) * Double(shape.length)
        let row = shape.heads * (2 * shape.headSize + 1) + 2 * shape.groups * shape.states
        return (rows * Double(row) + 2 * Double(shape.heads)) * Double(precision.byteCount)
    }

    func tokens(_ parameters: [String: Int]) -> Double? {
        let shape = DualShape(parameters)
        return Double(shape.batch) * Double(shape.length)
    }

    var hardCases: [(name: String, parameters: [String: Int])] {
        let base = ["B": 2, "L": 83, "H": 4, "P": 16, "N": 32, "G": 2, "Q": 32]
        func with(_ changes: [String: Int]) -> [String: Int] { base.merging(changes) { $1 } }
        return [
            ("a length that no chunk divides", base), ("one step: decode", with(["L": 1])),
            ("shorter than a chunk", with(["L": 7])), ("exactly one chunk", with(["L": 32])),
            ("decay down to exp(−80)", with(["longDecay": 1])), ("one group", with(["G": 1])),
            ("a group a head", with(["G": 4])),
            ("a model's head", with(["B": 1, "P": 64, "N": 128, "Q": 64, "L": 150])),
        ]
    }
}

private struct ScanShape: Sendable {
    let batch, length, channels, states: Int

    init(_ parameters: [String: Int]) {
        batch = parameters["B"] ?? 1
        length = parameters["L"] ?? 1
        channels = parameters["D"] ?? 1
        states = parameters["N"] ?? 1
    }

    var elements: Double { Double(batch) * Double(length) * Double(channels) }
}

private struct DualShape: Sendable {
    let batch, length, heads, headSize, states, groups: Int

    init(_ parameters: [String: Int]) {
        batch = parameters["B"] ?? 1
        length = parameters["L"] ?? 1
        heads = parameters["H"] ?? 1
        headSize = parameters["P"] ?? 1
        states = parameters["N"] ?? 1
        groups = parameters["G"] ?? 1
    }
}

extension Tensor {
    /// Time steps as the models are initialised: log-uniform in 0.001…0.1. Long ones are uniform in 0.5…5, which with
    /// A = −16 decays down to exp(−80) in one step.
    fileprivate static func timeSteps(
        shape: [Int], isLong: Bool, precision: Precision, seed: UInt64, purpose: String
    ) -> Tensor {
        var generator = SeededGenerator(seed: seed, purpose: purpose)
        let values = (0..<shape.reduce(1, *)).map { _ in
            isLong ? 0.5 + 4.5 * generator.uniform() : 0.001 * exp(log(100) * generator.uniform())
        }
        return Tensor(shape: shape, rounding: values, to: precision)
    }
}

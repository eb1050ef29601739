import Backends
import CPlatform
import FoundationEssentials
import Glibc
import Kernels
import Power
import Results

/// The worker process: one device, driven by JSON lines on standard input and output.
public enum WorkerMain {
    /// Serves requests until the parent closes the pipe. Returns the exit code.
    ///
    /// - Parameter tool: what the program says of itself.
    public static func run(tool: ToolRecord) -> Int32 {
        joulemark_die_with_parent()
        joulemark_renew_large_memory()
        // Drivers may print to standard output; the protocol keeps the real one to itself.
        let replies = dup(1)
        dup2(2, 1)
        var worker = Worker(tool: tool)
        while let line = Swift.readLine(strippingNewline: true) {
            guard let request = try? JSONDecoder().decode(WorkerRequest.self, from: Data(line.utf8)) else { return 1 }
            let response = worker.answer(request)
            guard send(response, to: replies) else { return 1 }
            if case .close = request { return 0 }
        }
        return 0
    }

    private static func send(_ response: WorkerResponse, to descriptor: CInt) -> Bool {
        let encoder = JSONEncoder()
        encoder.nonConformingFloatEncodingStrategy = .throw
        guard var bytes = (try? encoder.encode(response)).map({ [UInt8]($0) }) else { return false }
        bytes.append(UInt8(ascii: "\n"))
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe write(descriptor, buffer.baseAddress.map { unsafe $0 + sent }, buffer.count - sent)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}

/// The state of a worker: its device and what is prepared on it.
struct Worker {
    /// What `open` leaves: the rest needs all of it.
    private struct Opened {
        let device: any Device
        let catalogue: Catalogue
        let references: ReferenceCache
    }

    private var current: Opened?
    /// What was prepared last: strategies that are compared follow each other, and have the same inputs.
    private var lastProblem: (key: String, problem: Problem)?
    private var prepared: [Int: PreparedStrategy] = [:]
    private let steal = StealTime()
    private let tool: ToolRecord

    /// Bytes of inputs that are kept at most: a small part of what memory there is for this process.
    private static let keptBytes = HostMemory.byteCount / 16

    init(tool: ToolRecord) { self.tool = tool }

    mutating func answer(_ request: WorkerRequest) -> WorkerResponse {
        do {
            return try respond(request)
        } catch let error as BackendError {
            return .failed(reason: error.description)
        } catch let error as KernelError {
            return .failed(reason: error.description)
        } catch {
            return .failed(reason: "\(error)")
        }
    }

    private mutating func respond(_ request: WorkerRequest) throws -> WorkerResponse {
        switch request {
        case .identify: return .identity(WorkerIdentity(tool: tool))
        case .list(let name, let processor):
            switch try backend(name, processor).devices() {
            case .success(let records): return .devices(records)
            case .failure(let error): return .noDevices(reason: error.description)
            }
        case .open(let name, let index, let processor, let kernelDirectories, let scratch):
            let opened = Opened(
                device: try backend(name, processor).open(index: index),
                catalogue: try Catalogue(try KernelLibrary.builtIn(adding: kernelDirectories)),
                references: ReferenceCache(directory: scratch))
            current = opened
            return .opened(opened.device.record, opened.device.limits)
        case .compile(let assignments):
            for assignment in assignments { try? compile(assignment) }
            // Who compiles ahead is there until all have compiled, and needs no inputs any more.
            lastProblem = nil
            return .done
        case .prepare(let id, let assignment): return .prepared(try prepare(id, assignment))
        case .sample(let order): return .sampled(try sample(order))
        case .clock: return .clock(current?.device.clockDescription)
        case .window(let id, let seconds):
            let window = try strategy(id).window(seconds: seconds)
            return .windowDone(begin: window.begin, end: window.end, iterations: window.iterations)
        case .discard(let id):
            prepared.removeValue(forKey: id)?.release()
            return .done
        case .close:
            prepared.values.forEach { $0.release() }
            return .done
        }
    }

    /// The controls stand as close to the samples as can be: what moved them has moved the samples.
    private func sample(_ order: SampleOrder) throws -> SampleTimes {
        let strategy = try strategy(order.id)
        let controls = try order.controls.map { try self.strategy($0) }
        let stolen = steal.seconds()
        let before = try controls.map { try $0.sample(repetitions: 1).seconds }
        var times = try strategy.sample(repetitions: order.repetitions, batch: order.batch, stages: order.stages)
        let after = try controls.map { try $0.sample(repetitions: 1).seconds }
        times.controlSeconds = zip(before, after).map { $0 + $1 }
        if let stolen, let now = steal.seconds() { times.stealSeconds = now - stolen }
        return times
    }

    private func backend(_ name: String, _ processor: ProcessorSettings) throws(BackendError) -> any Backend {
        guard let backend = Backends.all(processor: processor).first(where: { $0.name == name }) else {
            throw BackendError(.missing, "there is no backend '\(name)'")
        }
        return backend
    }

    private func opened() throws(BackendError) -> Opened {
        guard let current else { throw BackendError(.missing, "no device is open") }
        return current
    }

    private func strategy(_ id: Int) throws(BackendError) -> PreparedStrategy {
        guard let strategy = prepared[id] else {
            throw BackendError(.missing, "nothing is prepared under number \(id)")
        }
        return strategy
    }

    /// What cannot run here is `skipped`, with the reason; what goes wrong otherwise is thrown.
    private mutating func prepare(_ id: Int, _ assignment: Assignment) throws -> Preparation {
        do {
            return try build(id, assignment)
        } catch {
            guard Self.meansUnavailable(error) else { throw error }
            return Preparation(status: .skipped, message: "\(error)")
        }
    }

    private static func meansUnavailable(_ error: any Error) -> Bool {
        if let error = error as? KernelError { return error.code == .unavailable }
        if let error = error as? BackendError { return error.code == .limit || error.code == .unsupported }
        return false
    }

    private mutating func build(_ id: Int, _ assignment: Assignment) throws -> Preparation {
        let opened = try opened()
        let (device, catalogue) = (opened.device, opened.catalogue)
        let family = try catalogue.family(assignment.family)
        let strategy = try assignment.chosen(catalogue.strategy(assignment.strategy, of: family))
        let given = try problem(assignment, of: family, catalogue)
        let plan = try strategy.plan(
            family: family, parameters: given.parameters, precision: assignment.precision, limits: device.limits)
        if let complaint = assignment.pace?.complaint(flops: given.flops) {
            return Preparation(status: .skipped, message: complaint)
        }
        let candidate = PreparedStrategy(device: device)
        var isKept = false
        defer { if !isKept { candidate.release() } }
        try candidate.build(plan, library: catalogue.library)
        var preparation: Preparation
        if assignment.isVerified {
            let inputs = try given.tensors(for: plan)
            try candidate.load(inputs)
            if !assignment.isHot { try candidate.addInputSets(inputs) }
            preparation = Preparation(status: .ok, work: given.work(plan))
        } else {
            let problem =
                if let name = family.referenceStrategy {
                    try StrategyReference(catalogue: catalogue, device: device)
                        .problem(given, plan: plan, strategy: strategy, reference: catalogue.strategy(name, of: family))
                } else {
                    try VerificationProblem(given, plan: plan, assignment: assignment, references: opened.references)
                }
            preparation = try verify(candidate, problem, plan, assignment, device)
            guard preparation.status == .ok else { return preparation }
            if !assignment.isHot { try candidate.addInputSets(problem.inputs) }
        }
        preparation.isCold = candidate.isCold
        prepared[id] = candidate
        isKept = true
        return preparation
    }

    /// The workload with its inputs.
    private mutating func problem(
        _ assignment: Assignment, of family: Family, _ catalogue: Catalogue
    ) throws -> Problem {
        let key = assignment.problemKey
        if let lastProblem, lastProblem.key == key { return lastProblem.problem }
        lastProblem = nil
        let problem = try catalogue.problem(
            family, parameters: assignment.parameters, precision: assignment.precision, seed: assignment.seed,
            files: assignment.inputs)
        if problem.inputs.values.reduce(0, { $0 + $1.byteCount }) <= Self.keptBytes { lastProblem = (key, problem) }
        return problem
    }

    /// Has the driver compile every stage, which some do only when it runs: on one work-group, over zeros.
    private mutating func compile(_ assignment: Assignment) throws {
        let opened = try opened()
        let (device, catalogue) = (opened.device, opened.catalogue)
        let family = try catalogue.family(assignment.family)
        let strategy = try assignment.chosen(catalogue.strategy(assignment.strategy, of: family))
        func plan(_ parameters: [String: Int]) throws -> StrategyPlan {
            try strategy.plan(
                family: family, parameters: parameters, precision: assignment.precision, limits: device.limits)
        }
        // Inputs take long to make, and few shapes depend on them.
        let plan =
            if let known = try? plan(family.parameters(overriding: assignment.parameters)) {
                known
            } else {
                try plan(problem(assignment, of: family, catalogue).parameters)
            }
        let candidate = PreparedStrategy(device: device)
        defer { candidate.release() }
        try candidate.build(plan.smallest, library: catalogue.library)
        try candidate.runOnZeros()
    }

    private func verify(
        _ candidate: PreparedStrategy, _ problem: VerificationProblem, _ plan: StrategyPlan, _ assignment: Assignment,
        _ device: any Device
    ) throws -> Preparation {
        let verification = try candidate.verify(problem, dump: assignment.dumpFolder(device: device.record.id))
        var preparation = Preparation(
            status: verification.record.passed ? .ok : .incorrect, message: verification.message,
            verification: verification.record)
        preparation.work = problem.work(plan)
        preparation.codePath = device.codePath
        preparation.stages = plan.stageNames
        preparation.tokens = problem.tokens
        return preparation
    }
}

extension Assignment {
    /// `DIR/<family>/<strategy>/<device>`, or `nil` when nothing is dumped.
    func dumpFolder(device: String) -> String? { dumpDirectory.map { "\($0)/\(family)/\(strategy)/\(device)" } }
}

import Backends
import CPlatform
import FoundationEssentials
import Glibc
import Kernels
import Platform
import Power
import Results

/// The worker process: one device, driven by JSON lines on standard input and output.
public enum WorkerMain {
    /// Serves requests until the parent closes the pipe. Returns the exit code.
    ///
    /// - Parameter tool: what the program says of itself.
    public static func run(tool: ToolRecord) -> Int32 {
        if let reason = Privileges.renounce(memoryLimit: HostMemory.byteCount) {
            _ = FileDescriptor.write(Array("the worker \(reason)\n".utf8), to: 2)
            return 1
        }
        // Anew: it is forgotten when a process becomes another user's.
        joulemark_die_with_parent()
        joulemark_renew_large_memory()
        // Drivers may print to standard output; the protocol keeps the real one to itself.
        let replies = dup(1)
        guard replies >= 0, dup2(2, 1) >= 0 else {
            let reason = unsafe String(cString: strerror(errno))
            _ = FileDescriptor.write(Array("the worker cannot keep its output to itself: \(reason)\n".utf8), to: 2)
            return 1
        }
        var worker = Worker(tool: tool)
        while let line = Swift.readLine(strippingNewline: true) {
            guard let request = WorkerLine.request(line) else {
                _ = FileDescriptor.write(Array("the worker was asked what it does not understand\n".utf8), to: 2)
                return 1
            }
            let response = request.complaint.map { .failed(reason: $0) } ?? worker.answer(request)
            guard send(response, to: replies) else { return 1 }
            if case .close = request { return 0 }
            if case .lost = response { return 0 }
        }
        return 0
    }

    private static func send(_ response: WorkerResponse, to descriptor: CInt) -> Bool {
        let encoder = JSONEncoder()
        encoder.nonConformingFloatEncodingStrategy = .throw
        guard let line = try? encoder.encode(response) else { return false }
        return FileDescriptor.write([UInt8](line) + [UInt8(ascii: "\n")], to: descriptor)
    }
}

/// The state of a worker: its device and what is prepared on it.
struct Worker {
    /// What `open` leaves: the rest needs all of it.
    private struct Opened {
        let device: any Device
        let catalogue: Catalogue
        let references: ReferenceCache
        let rungs: RungTrials
    }

    private var current: Opened?
    /// What was prepared last: strategies that are compared follow each other, and have the same inputs.
    private var lastProblem: Problem?
    private var prepared: [Int: PreparedStrategy] = [:]
    private let steal = StealTime()
    /// Programs that `inspect` has answered for.
    private var inspected: [ProgramRecord] = []
    private let tool: ToolRecord

    /// Bytes of inputs that are kept at most: a small part of what memory there is for this process.
    private static let keptBytes = HostMemory.byteCount / 16

    init(tool: ToolRecord) { self.tool = tool }

    mutating func answer(_ request: WorkerRequest) -> WorkerResponse {
        do { return try respond(request) } catch {
            // After a driver's error nothing that it answers is to be trusted, and often it answers nothing but errors.
            return error.code == .worker ? .lost(reason: error.description) : .failed(reason: error.description)
        }
    }

    private mutating func respond(_ request: WorkerRequest) throws(ProfilingError) -> WorkerResponse {
        switch request {
        case .identify: return .identity(WorkerIdentity(tool: tool))
        case .list(let name, let processor, let python, let runtimes):
            let settings = BackendSettings(
                processor: processor, python: python ?? PythonSettings(), runtimes: runtimes ?? [])
            switch try backend(name, settings).devices() {
            case .success(let records): return .devices(records)
            case .failure(let error): return .noDevices(reason: error.description)
            }
        case .open(let name, let index, let processor, let python, let runtimes, let kernelDirectories, let scratch):
            var settings = BackendSettings(
                processor: processor, python: python ?? PythonSettings(), runtimes: runtimes ?? [])
            settings.python.folder = scratch
            for index in settings.runtimes.indices {
                settings.runtimes[index].folder = scratch
                settings.runtimes[index].kernelDirectories = kernelDirectories
            }
            let backend = try backend(name, settings)
            let opened = try ProfilingError.mapping {
                let device = try backend.open(index: index)
                let catalogue = try Catalogue(try KernelLibrary.builtIn(adding: kernelDirectories))
                return Opened(
                    device: device, catalogue: catalogue, references: ReferenceCache(directory: scratch),
                    rungs: RungTrials(device: device, catalogue: catalogue, scratch: scratch))
            }
            current = opened
            return .opened(opened.device.record, opened.device.limits)
        case .compile(let assignments):
            for assignment in assignments { try? compile(assignment) }
            // Who compiles ahead is there until all have compiled, and needs no inputs any more.
            lastProblem = nil
            return .done
        case .inspect(let assignment, let disassembles):
            return .inspected(try inspect(assignment, disassembles: disassembles))
        case .prepare(let id, let assignment): return .prepared(try prepare(id, assignment))
        case .sample(let order): return .sampled(try sample(order))
        case .clock: return .clock(current?.device.clockDescription)
        case .window(let id, let seconds):
            let strategy = try strategy(id)
            let window = try ProfilingError.mapping { try strategy.window(seconds: seconds) }
            return .windowDone(begin: window.begin, end: window.end, iterations: window.iterations)
        case .confirm(let id):
            let strategy = try strategy(id)
            return .confirmed(difference: try ProfilingError.mapping { try strategy.confirm() })
        case .discard(let id):
            prepared.removeValue(forKey: id)?.release()
            return .done
        case .close:
            prepared.values.forEach { $0.release() }
            return .done
        }
    }

    /// The controls stand as close to the samples as can be: what moved them has moved the samples.
    private func sample(_ order: SampleOrder) throws(ProfilingError) -> SampleTimes {
        do {
            let strategy = try strategy(order.id)
            let controls = try order.controls.map { try self.strategy($0) }
            let stolen = steal.seconds()
            let before = try controls.map { try $0.sample(repetitions: 1).seconds }
            var times = try strategy.sample(repetitions: order.repetitions, batch: order.batch, stages: order.stages)
            let after = try controls.map { try $0.sample(repetitions: 1).seconds }
            times.controlSeconds = zip(before, after).map { $0 + $1 }
            if let stolen, let now = steal.seconds() { times.stealSeconds = now - stolen }
            try current?.device.rest()
            return times
        } catch { throw ProfilingError(error) }
    }

    private func backend(_ name: String, _ settings: BackendSettings) throws(ProfilingError) -> any Backend {
        guard let backend = Backends.all(settings).first(where: { $0.name == name }) else {
            throw ProfilingError(.refused, "there is no backend '\(name)'")
        }
        return backend
    }

    private func opened() throws(ProfilingError) -> Opened {
        guard let current else { throw ProfilingError(.refused, "no device is open") }
        return current
    }

    private func strategy(_ id: Int) throws(ProfilingError) -> PreparedStrategy {
        guard let strategy = prepared[id] else {
            throw ProfilingError(.refused, "nothing is prepared under number \(id)")
        }
        return strategy
    }

    /// What cannot run here is `skipped`, with the reason; what goes wrong otherwise is thrown.
    private mutating func prepare(_ id: Int, _ assignment: Assignment) throws(ProfilingError) -> Preparation {
        let opened = try opened()
        let strategy = PreparedStrategy(device: opened.device)
        do {
            let preparation = try build(strategy, assignment, opened)
            if preparation.status == .ok { prepared[id] = strategy } else { strategy.release() }
            return preparation
        } catch {
            strategy.release()
            guard error.code == .unavailable else { throw error }
            return Preparation(status: .skipped, message: error.description)
        }
    }

    private mutating func build(
        _ prepared: PreparedStrategy, _ assignment: Assignment, _ opened: Opened
    ) throws(ProfilingError) -> Preparation {
        let (device, catalogue) = (opened.device, opened.catalogue)
        if let chain = assignment.chain {
            let preparation = ChainPreparation(device: device, catalogue: catalogue, rungs: opened.rungs)
            return try preparation.build(prepared, chain, assignment)
        }
        do {
            let problem = try problem(assignment.workload, catalogue)
            let (strategy, plan) = try opened.rungs.settle(try strategy(of: assignment, catalogue), problem)
            if let complaint = assignment.durationLimit?.complaint(flops: problem.flops) {
                return Preparation(status: .skipped, message: complaint)
            }
            try prepared.build(plan, library: catalogue.library)
            var preparation: Preparation
            let inputs: [String: Tensor]
            if assignment.isVerified {
                inputs = try problem.tensors(for: plan)
                try prepared.load(inputs)
                prepared.verified = assignment.outputSample
                preparation = Preparation(status: .ok, work: problem.work(plan))
            } else {
                let expected =
                    if let name = problem.family.referenceStrategy {
                        try StrategyReference(catalogue: catalogue, device: device).problem(
                            problem, plan: plan, strategy: strategy,
                            reference: catalogue.strategy(name, of: problem.family))
                    } else {
                        try VerificationProblem(problem, plan: plan, references: opened.references)
                    }
                inputs = expected.inputs
                preparation = try verify(prepared, expected, plan, assignment, device)
                preparation.struckVariants = strategy.struckVariants
                let whole = try catalogue.strategy(assignment.strategy, of: problem.family)
                preparation.kernelDigest = try catalogue.library.digest(of: whole, backend: device.limits.backend)
                guard preparation.status == .ok else { return preparation }
            }
            if !assignment.isHot { try prepared.addInputSets(inputs) }
            preparation.isCold = prepared.isCold
            return preparation
        } catch { throw ProfilingError(error) }
    }

    private func strategy(of assignment: Assignment, _ catalogue: Catalogue) throws(KernelError) -> Strategy {
        try catalogue.strategy(assignment.strategy, of: catalogue.family(assignment.workload.family))
            .choosing(assignment.tunables).forcing(variant: assignment.variant)
    }

    /// The workload with its inputs.
    private mutating func problem(_ workload: WorkloadCase, _ catalogue: Catalogue) throws(KernelError) -> Problem {
        if let lastProblem, lastProblem.workload == workload { return lastProblem }
        lastProblem = nil
        let problem = try catalogue.problem(workload)
        if problem.inputs.values.reduce(0, { $0 + $1.byteCount }) <= Self.keptBytes { lastProblem = problem }
        return problem
    }

    /// Has the driver compile every stage, which some do only when it runs: on one work-group, over zeros.
    private mutating func compile(_ assignment: Assignment) throws(ProfilingError) {
        let opened = try opened()
        let prepared = PreparedStrategy(device: opened.device)
        defer { prepared.release() }
        do {
            let plan = try plan(assignment, opened)
            try prepared.build(plan.smallest, library: opened.catalogue.library)
            try prepared.runOnZeros()
        } catch { throw ProfilingError(error) }
    }

    /// The plan of an assignment whose inputs are not needed: they take long to make, and few shapes depend on them.
    private mutating func plan(_ assignment: Assignment, _ opened: Opened) throws(KernelError) -> StrategyPlan {
        let (catalogue, workload) = (opened.catalogue, assignment.workload)
        let family = try catalogue.family(workload.family)
        let strategy = try strategy(of: assignment, catalogue)
        func plan(_ parameters: [String: Int]) throws(KernelError) -> StrategyPlan {
            try strategy.plan(
                family: family, parameters: parameters, precision: workload.precision, limits: opened.device.limits)
        }
        if let known = try? plan(family.parameters(overriding: workload.parameters)) { return known }
        return try plan(problem(workload, catalogue).parameters)
    }

    /// What the device's compiler says of every stage; each program is looked at once.
    private mutating func inspect(
        _ assignment: Assignment, disassembles: Bool
    ) throws(ProfilingError) -> [ProgramRecord] {
        let opened = try opened()
        let plan: StrategyPlan
        do { plan = try self.plan(assignment, opened) } catch { throw ProfilingError(error) }
        let uses = try ProfilingError.mapping {
            ConstantUse(
                try strategy(of: assignment, opened.catalogue), backend: opened.device.limits.backend,
                library: opened.catalogue.library)
        }
        var records: [ProgramRecord] = []
        for stage in plan.firstStages {
            var record = ProgramRecord(stage, uses)
            if let known = inspected.first(where: { $0.isSameProgram(as: record) }) {
                records.append(known)
                continue
            }
            do throws(BackendError) {
                record.compiled = try opened.device.inspect(
                    stage, sources: opened.catalogue.library, disassembles: disassembles)
            } catch {
                record.message = error.description
            }
            inspected.append(record)
            records.append(record)
        }
        return records
    }

    /// Runs once on poisoned outputs and compares with the oracle.
    private func verify(
        _ prepared: PreparedStrategy, _ problem: VerificationProblem, _ plan: StrategyPlan, _ assignment: Assignment,
        _ device: any Device
    ) throws(ProfilingError) -> Preparation {
        let outputs = try ProfilingError.mapping {
            let outputs = try prepared.execute(problem.inputs)
            if let folder = assignment.dumpFolder(device: device.record.id) {
                try TensorDump.write(problem.allInputs.merging(outputs) { $1 }, to: folder)
            }
            return outputs
        }
        let verification = problem.compare(outputs)
        if verification.record.passed { prepared.verified = OutputSample(outputs, verification.record) }
        return Preparation(
            status: verification.record.passed ? .ok : .incorrect, message: verification.message,
            verification: verification.record, work: problem.work(plan), codePath: device.codePath,
            variants: plan.variants, stages: plan.stageNames, tokens: problem.tokens,
            outputSample: prepared.verified)
    }
}

extension Assignment {
    /// `DIR/<family>/<strategy>/<device>`, or `nil` when nothing is dumped.
    func dumpFolder(device: String) -> String? {
        dumpDirectory.map { "\($0)/\(workload.family)/\(strategy)/\(device)" }
    }
}

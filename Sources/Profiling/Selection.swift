import Kernels
import Results

/// A workload with everything but the device fixed, and the strategies to measure on it.
struct PlannedWorkload: Sendable {
    var family: Family
    var name: String
    var parameters: [String: Int]
    var precision: Precision
    /// The family's baseline first, when it is among them.
    var strategies: [Strategy]
    /// Of one execution, as far as they are known without the data.
    var flops: Double

    /// Floating-point operations a second that the oracle manages at least.
    private static let oracleRate = 1e9

    /// What the oracle may take on top of what any answer may.
    var oracleLimitSeconds: Double { flops / Self.oracleRate }
}

/// Turns what the user asked for into workloads and strategies.
struct Selection {
    private static let suites = ["quick", "standard", "full"]

    let request: ProfileRequest
    let catalogue: Catalogue

    /// - Throws: ``ProfilingError`` with code `usage`, naming what does not exist or contradicts itself.
    func workloads() throws(ProfilingError) -> [PlannedWorkload] {
        do {
            return try select()
        } catch let error as ProfilingError {
            throw error
        } catch let error as KernelError {
            throw ProfilingError(.usage, error.description)
        } catch {
            throw ProfilingError(.usage, "\(error)")
        }
    }

    private func select() throws -> [PlannedWorkload] {
        if let suite = request.suite, !Self.suites.contains(suite) {
            throw ProfilingError(
                .usage, "unknown suite '\(suite)'; the suites are \(Self.suites.joined(separator: ", "))")
        }
        try checkStrategies()
        let isCustom = !request.shape.isEmpty || !request.inputs.isEmpty && request.workloads.isEmpty
        let chosen = isCustom ? try customWorkloads() : try presets()
        guard !chosen.isEmpty else { throw ProfilingError(.usage, "the selection holds no workload") }
        if !request.inputs.isEmpty { try checkInputs(chosen) }
        try checkDump(chosen)
        return chosen
    }

    private func families() throws -> [Family] {
        guard request.families.isEmpty else { return try request.families.map { try catalogue.family($0) } }
        return catalogue.families.filter { !$0.isInternal }
    }

    private func checkStrategies() throws {
        let families = try families()
        for name in request.strategies where !families.contains(where: { hasStrategy(name, $0) }) {
            if families.count == 1 { _ = try catalogue.strategy(name, of: families[0]) }
            throw ProfilingError(.usage, "no selected family has a strategy '\(name)'")
        }
    }

    private func hasStrategy(_ name: String, _ family: Family) -> Bool {
        catalogue.strategies(of: family).contains { $0.name == name }
    }

    private func customWorkloads() throws -> [PlannedWorkload] {
        let option = request.shape.isEmpty ? "--input" : "--shape"
        guard request.families.count == 1, let family = try families().first else {
            throw ProfilingError(.usage, "\(option) needs exactly one --family")
        }
        guard request.workloads.isEmpty else {
            throw ProfilingError(.usage, "--shape and --workload both fix the parameters: give one of them")
        }
        guard request.suite == nil else { throw ProfilingError(.usage, "\(option) and --suite exclude each other") }
        // A sparse matrix in a file fixes parameters itself.
        let problem = try Problem(
            family: family, reference: try catalogue.reference(of: family), parameters: request.shape,
            precision: request.precisions.first ?? .f32, seed: request.seed, files: request.inputs)
        let known = Set(family.parameters.map(\.name))
        let parameters = problem.parameters.filter { known.contains($0.key) }
        let name = family.parameters.map { "\($0.name)=\(parameters[$0.name] ?? 0)" }.joined(separator: ",")
        let workloads = try planned(family, name, parameters)
        guard !workloads.isEmpty else {
            throw ProfilingError(.usage, "no selected strategy belongs to \(family.name)")
        }
        return workloads
    }

    private func presets() throws -> [PlannedWorkload] {
        let families = try families()
        let suite = request.suite ?? (request.workloads.isEmpty ? "quick" : nil)
        for name in request.workloads where !families.contains(where: { $0.workloads.contains { $0.name == name } }) {
            throw ProfilingError(.usage, "unknown workload '\(name)'; 'joulemark kernels' lists them")
        }
        var chosen: [PlannedWorkload] = []
        for family in families {
            for workload in family.workloads {
                let isNamed = request.workloads.isEmpty || request.workloads.contains(workload.name)
                guard isNamed, suite.map(workload.suites.contains) ?? true else { continue }
                let parameters = try family.parameters(overriding: workload.parameters)
                chosen += try planned(family, workload.name, parameters, suite: suite)
            }
        }
        return chosen
    }

    private func planned(
        _ family: Family, _ name: String, _ parameters: [String: Int], suite: String? = nil
    ) throws -> [PlannedWorkload] {
        let strategies =
            request.strategies.isEmpty
            ? catalogue.strategies(of: family, suite: suite)
            : catalogue.strategies(of: family).filter { request.strategies.contains($0.name) }
        guard !strategies.isEmpty else { return [] }
        let flops = try? catalogue.reference(of: family).flops(family.parameters(overriding: parameters))
        let groups =
            request.configurations?.groups.map { configurations in
                strategies.flatMap { strategy in [strategy] + configurations.map(strategy.choosing) }
            } ?? [strategies]
        return (request.precisions.isEmpty ? [.f32] : request.precisions).flatMap { precision in
            groups.map {
                PlannedWorkload(
                    family: family, name: name, parameters: parameters, precision: precision, strategies: $0,
                    flops: flops ?? 0)
            }
        }
    }

    /// Input files are read once here, so that a bad one ends the run before it starts.
    private func checkInputs(_ chosen: [PlannedWorkload]) throws {
        guard let workload = chosen.first, Set(chosen.map { "\($0.name) \($0.precision)" }).count == 1 else {
            throw ProfilingError(.usage, "--input needs exactly one workload and precision: give --shape or --workload")
        }
        _ = try Problem(
            family: workload.family, reference: try catalogue.reference(of: workload.family),
            parameters: workload.parameters, precision: workload.precision, seed: request.seed, files: request.inputs)
    }

    private func checkDump(_ chosen: [PlannedWorkload]) throws {
        guard request.dumpDirectory != nil else { return }
        for (index, workload) in chosen.enumerated()
        where chosen[..<index].contains(where: { $0.family.name == workload.family.name }) {
            throw ProfilingError(
                .usage, "--dump keeps one workload a family: choose one with --workload or --shape and one --precision")
        }
    }
}

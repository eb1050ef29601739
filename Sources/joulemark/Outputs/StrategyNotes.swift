import Kernels
import Reporting
import Results

/// What the kernels that are at hand say of the strategies of runs: in words, and with their sources where these are
/// what ran, as a measurement's digest tells.
struct StrategyNotes: Sendable {
    private let catalogue: Catalogue?
    /// By strategy and backend, each looked at once.
    private let digests: [Form: String]

    private struct Form: Hashable {
        let family, strategy, backend: String

        init(_ measurement: MeasurementRecord) {
            (family, strategy) = (measurement.family, measurement.strategy)
            backend = String(measurement.device.prefix { $0 != ":" })
        }
    }

    /// - Parameter folders: the user's kernels beside the built-in ones.
    init(of runs: [RunRecord], kernels folders: [String]) {
        let catalogue = try? Catalogue((try? KernelLibrary.builtIn(adding: folders)) ?? .builtIn)
        self.catalogue = catalogue
        let forms = Set(runs.flatMap(\.measurements).filter { $0.kernelDigest != nil }.map(Form.init))
        digests = forms.reduce(into: [:]) { found, form in
            guard let catalogue, let strategy = catalogue.strategy(form.family, form.strategy) else { return }
            found[form] = try? catalogue.library.digest(of: strategy, backend: form.backend)
        }
    }

    subscript(run: RunRecord, measurement: MeasurementRecord) -> StrategyNote? {
        guard let catalogue, let strategy = catalogue.strategy(measurement.family, measurement.strategy) else {
            return nil
        }
        let form = Form(measurement)
        let isSame = measurement.kernelDigest != nil && measurement.kernelDigest == digests[form]
        // A name of the user's own may stand for anything.
        let isOwn = run.tool.arguments.contains { $0 == "--kernels" || $0.hasPrefix("--kernels=") }
        guard isSame || !isOwn else { return nil }
        let family = catalogue.families.first { $0.name == measurement.family }
        let parameters = (family?.parameters ?? []).map { ($0.name, $0.summary) }
        return StrategyNote(
            summary: strategy.summary, source: strategy.source,
            files: isSame ? files(of: strategy, measurement, form.backend, catalogue.library) : [],
            parameters: Dictionary(parameters, uniquingKeysWith: { first, _ in first }),
            sizes: family?.label?.text(measurement.parameters))
    }

    /// Those of the stages in the form that ran, with what they include of the family's.
    private func files(
        of strategy: Strategy, _ measurement: MeasurementRecord, _ backend: String, _ library: KernelLibrary
    ) -> [StrategyNote.Source] {
        let names = strategy.stages.map {
            StageInterface.sourceName(stage: $0.name, variant: measurement.variants?[$0.name])
        }
        let paths = (try? library.sources(of: strategy, named: names, backend: backend)) ?? []
        return paths.compactMap { path in
            (try? library.text(path)).map { StrategyNote.Source(path: path, text: $0) }
        }
    }
}

extension Catalogue {
    fileprivate func strategy(_ name: String, _ strategy: String) -> Strategy? {
        families.first { $0.name == name }.flatMap { family in
            strategies(of: family).first { $0.name == strategy }
        }
    }
}

import Kernels
import Reporting
import Results

/// What this build's kernels say of the strategies of a run: in words as long as the run used built-in ones only, and
/// with their sources where the run was made by this very build.
struct StrategyNotes: Sendable {
    private let catalogue: Catalogue?

    init() { catalogue = try? Catalogue() }

    subscript(run: RunRecord, family: String, strategy: String) -> StrategyNote? {
        let isOwn = run.tool.arguments.contains { $0 == "--kernels" || $0.hasPrefix("--kernels=") }
        guard let catalogue, !isOwn, let family = catalogue.families.first(where: { $0.name == family }),
            let found = catalogue.strategies(of: family).first(where: { $0.name == strategy })
        else { return nil }
        return StrategyNote(
            summary: found.summary, source: found.source, files: files(of: found, run, catalogue.library))
    }

    /// Of the backends that the run used; none where its build is another one, or had changes that no commit names.
    private func files(of strategy: Strategy, _ run: RunRecord, _ library: KernelLibrary) -> [StrategyNote.Source] {
        let build = Joulemark.toolRecord(arguments: [])
        guard let commit = build.commit, !commit.hasSuffix("-dirty"), run.tool.commit == commit,
            run.tool.version == build.version
        else { return [] }
        let backends = Set(run.devices.map(\.backend))
        let endings = StageForm.all.filter { backends.contains($0.backend) }.compactMap(\.endings.first)
        let folder = "\(strategy.family)/\(strategy.name)/"
        return library.paths.filter { path in
            path.hasPrefix(folder) && endings.contains { path.hasSuffix(".\($0)") }
        }.compactMap { path in
            (try? library.text(path)).map { StrategyNote.Source(path: path, text: $0) }
        }
    }
}

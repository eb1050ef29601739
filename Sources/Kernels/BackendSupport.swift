/// Whether a strategy can run on a backend, by what lies in its folder: no device is asked.
public struct BackendSupport: Sendable, Codable, Equatable {
    public let backend: String
    /// Why not: the stage without a source. `nil` when every stage has one.
    public let reason: String?
    /// What it requires there, beyond the strategy's own requirements.
    public let requires: [String]
}

extension Catalogue {
    /// Every backend that speaks the languages of the strategy's sources, with the reason where there is no form for
    /// it.
    public func support(of strategy: Strategy) -> [BackendSupport] {
        let forms = StageForm.all.filter {
            strategy.isMeant(for: $0.backend, isRuntime: $0.backend == Strategy.runtimeBackend)
        }
        let own = forms.map { form in
            let missing = strategy.stages.first { strategy.sources[form.backend]?.contains($0.name) == false }
            return BackendSupport(
                backend: form.backend,
                reason: missing.map { "no \($0.name).\(form.endings.first ?? "") in its folder" },
                requires: (strategy.overrides[form.backend]?.requirements ?? []).map(\.source))
        }
        return own
            + strategy.runtimeNames.sorted().map { name in
                BackendSupport(
                    backend: name, reason: nil,
                    requires: (strategy.overrides[name]?.requirements ?? []).map(\.source))
            }
    }
}

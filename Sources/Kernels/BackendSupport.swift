/// Whether a strategy can run on a backend, by what lies in its folder: no device is asked.
public struct BackendSupport: Sendable, Codable, Equatable {
    public let backend: String
    /// Why not: the stage without a source. `nil` when every stage has one.
    public let reason: String?
    /// What it requires there, beyond the strategy's own requirements.
    public let requires: [String]
}

extension Catalogue {
    private static let extensions = ["cpu": ["c"], "opencl": ["cl"], "vulkan": ["comp", "f32.spv", "f16.spv"]]

    /// Every backend, with the reason where the strategy has no form for it.
    public func support(of strategy: Strategy) -> [BackendSupport] {
        Strategy.backendNames.map { backend in
            let extensions = Self.extensions[backend] ?? []
            let missing = strategy.stages.first { stage in
                !extensions.contains { library.contains("\(strategy.family)/\(strategy.name)/\(stage.name).\($0)") }
            }
            return BackendSupport(
                backend: backend,
                reason: missing.map { "no \($0.name).\(extensions.first ?? "") in its folder" },
                requires: (strategy.overrides[backend]?.requirements ?? []).map(\.source))
        }
    }
}

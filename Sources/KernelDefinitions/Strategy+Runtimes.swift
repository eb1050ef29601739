extension Strategy {
    /// The backend whose kernels are functions in Python.
    public static let runtimeBackend = "python"

    /// The module of a runtime without which its functions do not run there; `nil` where it has none.
    public func framework(on backend: String) -> String? { overrides[backend]?.framework }

    /// Whether nothing but runtimes can run it.
    public var isForRuntimesAlone: Bool {
        (hasForm(for: Self.runtimeBackend) || !runtimeNames.isEmpty)
            && !Self.backendNames.contains { $0 != Self.runtimeBackend && hasForm(for: $0) }
    }

    /// Whether the strategy is one for such a device at all: what is written for other languages is not missed there.
    ///
    /// - Parameter isRuntime: kernels are functions of a runtime there, in Python or of another that the user named.
    public func isMeant(for backend: String, isRuntime: Bool) -> Bool {
        isRuntime ? hasForm(for: backend) : !isForRuntimesAlone
    }

    private func hasForm(for backend: String) -> Bool {
        runtimeNames.contains(backend) || sources[backend]?.isEmpty == false
    }
}

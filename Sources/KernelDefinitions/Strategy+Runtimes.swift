extension Strategy {
    /// The backend whose kernels are functions in Python.
    public static let runtimeBackend = "python"

    /// The Python module without which its functions do not run; `nil` where it has none.
    public var framework: String? { overrides[Self.runtimeBackend]?.framework }

    /// Whether every source of it is a function in Python.
    public var isForRuntimesAlone: Bool {
        hasSource(for: Self.runtimeBackend)
            && !Self.backendNames.contains { $0 != Self.runtimeBackend && hasSource(for: $0) }
    }

    /// Whether the strategy is one for such a device at all: what is written for other languages is not missed there.
    ///
    /// - Parameter isRuntime: kernels are functions in Python there.
    public func isMeant(forRuntime isRuntime: Bool) -> Bool {
        isRuntime ? hasSource(for: Self.runtimeBackend) : !isForRuntimesAlone
    }

    private func hasSource(for backend: String) -> Bool { sources[backend]?.isEmpty == false }
}

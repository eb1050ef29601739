/// How backends use this machine, as far as a user decides.
public struct BackendSettings: Sendable, Equatable {
    public var processor: ProcessorSettings
    public var python: PythonSettings
    /// The user's own, each a backend of its name.
    public var runtimes: [RuntimeSettings]

    public init(
        processor: ProcessorSettings = ProcessorSettings(), python: PythonSettings = PythonSettings(),
        runtimes: [RuntimeSettings] = []
    ) {
        self.processor = processor
        self.python = python
        self.runtimes = runtimes
    }
}

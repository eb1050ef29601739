/// How backends use this machine, as far as a user decides.
public struct BackendSettings: Sendable, Equatable {
    public var processor: ProcessorSettings
    public var python: PythonSettings

    public init(processor: ProcessorSettings = ProcessorSettings(), python: PythonSettings = PythonSettings()) {
        self.processor = processor
        self.python = python
    }
}

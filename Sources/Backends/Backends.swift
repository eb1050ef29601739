/// Every way to reach devices.
public enum Backends {
    /// All backends, the processor used as ``ProcessorSettings`` has it by default.
    public static let all = all(BackendSettings())

    /// All backends. Adding a backend = one folder beside this file, one line here and one in the table `StageForm` of
    /// Kernels.
    ///
    /// - Parameter settings: how they use this machine, and the user's own runtimes, which come last.
    public static func all(_ settings: BackendSettings) -> [any Backend] {
        let own: [any Backend] = [
            CPUBackend(settings.processor),
            OpenCLBackend(),
            VulkanBackend(),
            PythonBackend(settings.python, processor: settings.processor),
        ]
        return own + settings.runtimes.map { RuntimeBackend($0, processor: settings.processor) }
    }
}

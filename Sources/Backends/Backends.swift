/// Every way to reach devices.
public enum Backends {
    /// All backends, the processor used as ``ProcessorSettings`` has it by default.
    public static let all = all(processor: ProcessorSettings())

    /// All backends. Adding a backend = one folder beside this file, one line here and one in the table `StageForm` of Kernels.
    ///
    /// - Parameters:
    ///   - processor: how the host's processor is used.
    ///   - python: the interpreter whose frameworks are devices.
    public static func all(
        processor: ProcessorSettings, python: PythonSettings = PythonSettings()
    ) -> [any Backend] {
        [
            CPUBackend(processor),
            OpenCLBackend(),
            VulkanBackend(),
            PythonBackend(python, processor: processor),
        ]
    }
}

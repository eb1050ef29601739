/// Every way to reach devices.
public enum Backends {
    /// All backends, the processor used as ``ProcessorSettings`` has it by default.
    public static let all = all(processor: ProcessorSettings())

    /// All backends. Adding a backend = one folder beside this file, one line here and one in the table `StageForm` of Kernels.
    ///
    /// - Parameter processor: how the CPU backend uses the host's processor.
    public static func all(processor: ProcessorSettings) -> [any Backend] {
        [
            CPUBackend(processor),
            OpenCLBackend(),
            VulkanBackend(),
        ]
    }
}

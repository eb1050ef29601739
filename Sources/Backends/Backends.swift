/// Every way to reach devices.
public enum Backends {
    /// Adding a backend = one folder beside this file and one line here.
    public static let all: [any Backend] = [
        CPUBackend(),
        OpenCLBackend(),
        VulkanBackend(),
    ]
}

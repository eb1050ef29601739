import Kernels
import Results

/// Rungs that drivers are known to get wrong, or to have without the hardware: passed over there without a trial, since a small trial does
/// not show every fault. A rung that is forced runs all the same.
package struct KnownFault: Sendable {
    let backend: String
    /// The driver's name contains one of these; all drivers where it is empty.
    let drivers: [String]
    /// Major and minor of the first version with the fault; `nil`: all.
    let since: (major: Int, minor: Int)?
    /// The device's name contains one of these; all devices where it is empty.
    let devices: [String]
    /// The device's name contains none of these.
    let exceptDevices: [String]
    /// All families where it is empty.
    let families: [String]
    let variant: String
    let reason: String
    /// Where it is told.
    let link: String

    static let all: [KnownFault] = [
        KnownFault(
            backend: "vulkan", drivers: ["AMD proprietary driver", "AMD open-source driver"], since: nil, devices: [],
            exceptDevices: ["RX 7", "RX 9", "PRO W7", "PRO V7", "AI PRO R9", "8050S", "8060S"], families: [],
            variant: "matrix", reason: "this driver lists matrix products on cards without matrix units",
            link: "https://github.com/ggml-org/llama.cpp/pull/11074"),
        KnownFault(
            backend: "vulkan", drivers: ["NVIDIA"], since: nil,
            devices: ["RTX 20", "GTX 16", "Tesla T4", "TITAN RTX", "Quadro RTX", "Quadro T", "NVIDIA T"],
            exceptDevices: [], families: ["attention", "sparse-attention"], variant: "matrix",
            reason: "llama.cpp turned attention by cooperative matrices off on Turing",
            link: "https://github.com/ggml-org/llama.cpp/pull/19290"),
        KnownFault(
            backend: "vulkan", drivers: ["Intel open-source Mesa driver"], since: (26, 2), devices: [],
            exceptDevices: [], families: ["attention", "sparse-attention"], variant: "matrix",
            reason: "results were wrong where work-groups on a core do unequal numbers of matrix products",
            link: "https://github.com/ggml-org/llama.cpp/pull/24406"),
    ]

    /// Why a stage's rung is not to be trusted on a device; `nil`: nothing is known against it.
    package static func complaint(of stage: StagePlan, on device: DeviceRecord) -> String? {
        all.first { $0.concerns(stage, on: device) }.map { "is known to fail here: \($0.reason), \($0.link)" }
    }

    func concerns(_ stage: StagePlan, on device: DeviceRecord) -> Bool {
        func names(_ parts: [String], _ text: String) -> Bool { parts.contains { text.contains($0) } }
        return stage.variant == variant && device.backend == backend
            && (drivers.isEmpty || names(drivers, device.driver)) && (devices.isEmpty || names(devices, device.name))
            && !names(exceptDevices, device.name) && (families.isEmpty || families.contains(stage.family))
            && isSince(device.driver)
    }

    /// By the first "major.minor" in the driver's text.
    private func isSince(_ driver: String) -> Bool {
        guard let since else { return true }
        for word in driver.split(separator: " ") {
            let numbers = word.split { !$0.isNumber }.compactMap { Int($0) }
            guard word.first?.isNumber == true, word.contains("."), numbers.count >= 2 else { continue }
            return (numbers[0], numbers[1]) >= (since.major, since.minor)
        }
        return false
    }
}

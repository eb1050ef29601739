import Backends
import Kernels
import Power
import Results

/// What `doctor` says of Python: which interpreter and frameworks there are, and what would let more strategies run.
enum RuntimeFindings {
    /// A device each, then every module that strategies need and no device has.
    static func all(_ settings: PythonSettings, catalogue: Catalogue) -> [Finding] {
        switch PythonBackend(settings).devices() {
        case .failure(let error):
            return [Finding(id: "python", area: .runtimes, state: .missing, found: "none", why: error.description)]
        case .success(let devices):
            return devices.map { device in
                Finding(
                    id: device.id, area: .runtimes, state: .ok,
                    found: "\(device.features.joined(separator: ", ")); \(device.name); \(device.driver)")
            } + missing(devices, catalogue)
        }
    }

    private static func missing(_ devices: [DeviceRecord], _ catalogue: Catalogue) -> [Finding] {
        let present = Set(devices.flatMap { $0.frameworks ?? [] })
        var needs: [String: [String]] = [:]
        for strategy in catalogue.families.flatMap(catalogue.strategies(of:)) {
            guard let framework = strategy.framework(on: Strategy.runtimeBackend), !present.contains(framework) else {
                continue
            }
            needs[framework, default: []].append("\(strategy.family)/\(strategy.name)")
        }
        let interpreter = devices.first?.driver.split(separator: ", ").last.map(String.init) ?? "python3"
        return needs.sorted { $0.key < $1.key }.map { framework, strategies in
            Finding(
                id: framework, area: .runtimes, state: .missing, found: "none",
                why: "would let run \(strategies.joined(separator: ", "))\(condition(of: framework))",
                fix: command(for: framework, interpreter))
        }
    }

    private static func condition(of framework: String) -> String {
        switch framework {
        case "flash_attn", "mamba_ssm", "triton": "; on a GPU of NVIDIA or AMD"
        case "cupy": "; on a GPU of NVIDIA"
        default: ""
        }
    }

    private static func command(for framework: String, _ interpreter: String) -> String {
        // PyTorch's compiler wants one for C++ on the processor.
        if framework == "torch.compile" { return "\(interpreter) -m pip install torch; apt-get install g++" }
        if framework == "cupy" { return "\(interpreter) -m pip install cupy-cuda13x, or cupy-cuda12x by the driver" }
        let package = String(framework.map { $0 == "_" ? "-" : $0 })
        return "\(interpreter) -m pip install \(package)"
    }
}

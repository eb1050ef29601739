import Backends
import Results

/// Asks every backend, each in a process of its own, which devices it has: a driver that crashes costs its backend
/// only.
public struct DeviceSurvey: Sendable {
    public let devices: [DeviceRecord]
    public let unavailable: [UnavailableBackend]

    /// - Parameters:
    ///   - executable: this program, to start workers from.
    ///   - settings: how backends use this machine.
    public init(executable: String, settings: BackendSettings = BackendSettings()) throws(ProfilingError) {
        var devices: [DeviceRecord] = []
        var unavailable: [UnavailableBackend] = []
        for backend in Backends.all(settings) {
            let worker = try WorkerClient(executable: executable)
            defer { worker.close() }
            do { devices += try worker.list(backend: backend.name, settings: settings) } catch {
                guard error.code != .interrupted else { throw error }
                unavailable.append(UnavailableBackend(backend: backend.name, reason: error.description))
            }
        }
        self.devices = devices
        self.unavailable = unavailable
    }

    /// The devices that `names` ask for: `backend:index` or a whole `backend`. When empty, all but those that have no
    /// more than NumPy: every machine has that, mostly for other work.
    ///
    /// - Throws: ``ProfilingError`` with code `noSuchDevice`, saying why where it is known.
    func select(_ names: [String]) throws(ProfilingError) -> [DeviceRecord] {
        guard !names.isEmpty else {
            let usual = devices.filter { $0.frameworks?.contains("numpy") != true }
            if usual.isEmpty { throw ProfilingError(.noSuchDevice, "no backend has a device here") }
            return usual
        }
        var chosen: [DeviceRecord] = []
        for name in names {
            let found = devices.filter { $0.id == name || $0.backend == name }
            guard !found.isEmpty else { throw ProfilingError(.noSuchDevice, explanation(name)) }
            chosen += found.filter { record in !chosen.contains { $0.id == record.id } }
        }
        return chosen
    }

    private func explanation(_ name: String) -> String {
        let backend = name.split(separator: ":").first.map(String.init) ?? name
        if let missing = unavailable.first(where: { $0.backend == backend }) {
            return "no device '\(name)': \(missing.reason)"
        }
        return "no device '\(name)'; the devices are \(devices.map(\.id).joined(separator: ", "))"
    }
}

import Results

/// NVIDIA GPUs, through the management library that comes with the driver.
///
/// The energy counter is preferred: since Volta it counts millijoules since the driver was loaded. The power reading is
/// an average over a second on Ampere (but GA100) and newer parts, and by the header the power at an instant on GA100
/// and older ones. What is called instantaneous is an average too, over 10 to 100 ms, of which A100 and H100 look at a
/// quarter only (Yang, Adamek and Armour, "Accurate and Convenient Energy Measurements for GPUs", SC 2024,
/// doi:10.1109/SC41406.2024.00028).
package struct NVML: PowerSourceFinder {
    private let libraries: [String]

    package init(libraries: [String] = ["libnvidia-ml.so.1"]) { self.libraries = libraries }

    package func sources(in tree: SysfsTree) -> [PowerSource] {
        guard let library = try? NVMLLibrary(libraries) else { return [] }
        return (0..<library.deviceCount).flatMap { sources(of: $0, library: library) }
    }

    /// Why the library cannot be used; `nil` when it can.
    func absence() -> String? {
        do throws(PowerError) {
            _ = try NVMLLibrary(libraries)
            return nil
        } catch {
            return error.description
        }
    }

    /// The condition of every GPU that the library knows.
    package func conditions() -> [GPUCondition] {
        guard let library = try? NVMLLibrary(libraries) else { return [] }
        return (0..<library.deviceCount).map { library.condition($0) }
    }

    package func throttlingProbes(in tree: SysfsTree) -> [ThrottlingProbe] {
        guard let library = try? NVMLLibrary(libraries) else { return [] }
        return (0..<library.deviceCount).compactMap { index in
            library.pciAddress(index).map { address in
                ThrottlingProbe(scope: .device(pciAddress: address)) { library.throttling(index) }
            }
        }
    }

    /// Reads the condition of every GPU, again and again at little cost; `nil` without the library.
    package func conditionReader() -> (@Sendable () -> [GPUCondition])? {
        guard let library = try? NVMLLibrary(libraries) else { return nil }
        return { (0..<library.deviceCount).map { library.condition($0) } }
    }

    private func sources(of index: Int, library: NVMLLibrary) -> [PowerSource] {
        let address = library.pciAddress(index)
        let counter = source("energy", index, address, kind: .counter) { library.energy(index) }
        var instant = source("power-instant", index, address, kind: .sensor) { library.instantPower(index) }
        instant.rank = 1
        // The longest that was found on any part: windows that settle for it settle for all.
        instant.averagingSeconds = 0.1
        var average = source("power", index, address, kind: .sensor) { library.averagePower(index) }
        average.rank = 2
        average.averagingSeconds = 1
        return [counter, instant, average]
    }

    private func source(
        _ name: String, _ index: Int, _ address: String?, kind: PowerSourceKind,
        read: @escaping @Sendable () -> Result<Double, ReadFault>
    ) -> PowerSource {
        let place = address ?? "gpu\(index)"
        let record = PowerSourceRecord(
            id: "nvml/\(place)/\(name)", kind: kind, domain: "gpu", path: libraries.first ?? "libnvidia-ml.so.1",
            state: .ok)
        var source = PowerSource(
            record: record, scope: address.map { .device(pciAddress: $0) } ?? .unknown, scale: 1e-3,
            plausibleWatts: PlausibleWatts.card, interface: "nvml", read: read)
        if case .failure(let fault) = source.read() {
            source.mark(fault == .disabled ? .failed("this GPU or driver does not have it") : fault)
        }
        return source
    }
}

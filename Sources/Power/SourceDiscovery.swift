import Results

/// Every kind of power source. Adding one = one file and one line here.
package enum PowerSourceFinders {
    package static let all: [any PowerSourceFinder] = [
        Powercap(), Hwmon(), PerfPMU(), NVML(), PowerSupply(),
    ]
}

/// Finds all sources, learns how they behave, and marks copies and nonsense.
struct SourceDiscovery {
    let tree: SysfsTree
    let time: any MeterTime
    var finders = PowerSourceFinders.all

    /// Seconds that a measurement may take: a source that resolves no load within them is of no use.
    var timeLimit = Double.infinity

    func sources() -> [PowerSource] {
        var sources = finders.flatMap { $0.sources(in: tree) }
        // First what each is, then what it is to others: the copy of a source that is dead may live.
        let watts = Characterization(time: time).characterize(&sources)
        Self.markSlow(&sources, timeLimit: timeLimit)
        Self.markDeadGroups(&sources, watts: watts)
        Self.markCopies(&sources)
        MirroredCounters(time: time).mark(&sources)
        Self.markUnwiredSystem(&sources, watts: watts)
        return sources
    }

    /// A sensor that averages over longer than a measurement takes shows the same whatever is done.
    static func markSlow(_ sources: inout [PowerSource], timeLimit: Double) {
        for index in sources.indices where sources[index].record.state == .ok {
            guard let slowness = sources[index].slowness(timeLimit: timeLimit) else { continue }
            sources[index].markStale(slowness)
            let needed = PowerSource.phasesOfMeasurement * sources[index].settlingSeconds
            if needed < 86_400 {
                sources[index].fix = "give every measurement the time: --time-limit \(Int(needed.rounded(.up)))"
            }
        }
    }

    /// Parts that add up to something and all show nothing.
    static func markDeadGroups(_ sources: inout [PowerSource], watts: [String: Double]) {
        let members = sources.indices.filter { sources[$0].group != nil && sources[$0].record.kind == .sensor }
        for (group, members) in Dictionary(grouping: members, by: { sources[$0].group ?? "" }) {
            let shown = members.filter { sources[$0].record.state == .ok }.compactMap { watts[sources[$0].record.id] }
            let least = PlausibleWatts.machine.lowerBound
            guard !shown.isEmpty, shown.reduce(0, +) < least else { continue }
            for index in members where sources[index].record.state == .ok {
                sources[index].markStale(
                    "\(group) shows less than \(Plausibility.words(least)) in all, which is less than a machine draws while this runs"
                )
            }
        }
    }

    /// Two readers of one domain: memory-mapped RAPL beside the register, the perf events or a driver of hwmon beside
    /// powercap. A copy of what can be read is needed for nothing, so that it does not matter whether it can be read
    /// too.
    static func markCopies(_ sources: inout [PowerSource]) {
        for index in sources.indices where sources[index].scope == .host {
            let source = sources[index]
            let better = sources.filter { other in
                other.scope == .host && other.record.domain == source.record.domain && other.rank < source.rank
            }
            let original =
                better.first {
                    $0.record.state == .ok && $0.interface == source.interface && $0.package == source.package
                        && source.interface == "powercap"
                }
                ?? Self.completeOriginal(better.filter { $0.interface != source.interface })
            guard let original else { continue }
            sources[index].record.state = .duplicate
            let ownFault = source.fault.map { "; it cannot be read itself: \($0)" } ?? ""
            sources[index].record.reason = "reads the same energy as \(original.record.id)" + ownFault
        }
    }

    /// Another reader stands for a domain of all packages where it can read them all.
    private static func completeOriginal(_ others: [PowerSource]) -> PowerSource? {
        Dictionary(grouping: others, by: \.interface).values.compactMap { readers -> PowerSource? in
            let packages = Dictionary(grouping: readers, by: { $0.package ?? "" }).values
            let isComplete = packages.allSatisfy { $0.contains { $0.record.state == .ok } }
            return isComplete ? readers.first { $0.record.state == .ok } : nil
        }.min { ($0.rank, $0.record.id) < ($1.rank, $1.record.id) }
    }

    /// On many notebooks psys is not wired to anything: it then shows less than what it should contain. Each contains
    /// at least its own socket, and all of one interface together contain every socket.
    static func markUnwiredSystem(_ sources: inout [PowerSource], watts: [String: Double]) {
        let parts = sources.filter { ["package", "dram"].contains($0.record.domain) && $0.record.state == .ok }
        func contained(_ isIn: (PowerSource) -> Bool) -> Double {
            0.9 * parts.filter(isIn).reduce(0) { $0 + (watts[$1.record.id] ?? 0) }
        }
        let reason = "psys shows less power than package and dram, which it should contain"
        let zones = sources.indices.filter { sources[$0].record.domain == "psys" && sources[$0].record.state == .ok }
        for (interface, zones) in Dictionary(grouping: zones, by: { sources[$0].interface }) {
            let shown = zones.compactMap { watts[sources[$0].record.id] }
            let isTold = shown.count == zones.count && !HostTotal.lacksSystem(sources, interface: interface)
            let isTooLittle = isTold && shown.reduce(0, +) < contained { _ in true }
            for index in zones {
                let (source, socket) = (sources[index], sources[index].socket)
                let isBelowOwn = watts[source.record.id].map { $0 < contained { $0.socket == socket } } ?? false
                guard isTooLittle || isBelowOwn else { continue }
                sources[index].record.state = .nonsense
                sources[index].record.reason = reason
            }
        }
    }
}

/// Finds packages that show one and the same counter: the dies of Zen 1 and Zen 2 mirror their socket's. Sockets that
/// show the power of one machine would do the same with psys.
///
/// Two real sockets differ in their values even when they draw the same power, because the counters started and jitter
/// independently. So what is compared are values, read as A, B, A: if A did not move meanwhile, a mirror B equals it.
struct MirroredCounters {
    let time: any MeterTime
    private static let rounds = 24

    func mark(_ sources: inout [PowerSource]) {
        for domain in ["package", "psys"] { mark(&sources, domain: domain) }
    }

    private func mark(_ sources: inout [PowerSource], domain: String) {
        let packages = sources.indices.filter {
            sources[$0].record.domain == domain && sources[$0].record.state == .ok
                && sources[$0].record.kind == .counter
        }
        for (position, second) in packages.enumerated() {
            let originals = packages[..<position].filter { sources[$0].record.state == .ok }
            guard let first = originals.first(where: { mirrors(sources[$0], sources[second]) }) else { continue }
            sources[second].record.state = .duplicate
            sources[second].record.reason = "mirrors \(sources[first].record.id): the same values at the same times"
        }
    }

    private func mirrors(_ first: PowerSource, _ second: PowerSource) -> Bool {
        var (compared, equal) = (0, 0)
        var values: Set<Double> = []
        let interval = max(first.updateSeconds, second.updateSeconds)
        for _ in 0..<Self.rounds {
            if case .success(let begin) = first.read(), case .success(let other) = second.read(),
                case .success(let end) = first.read(), begin == end, begin > 0
            {
                compared += 1
                let unit = max(first.modulus ?? 0, second.modulus ?? 0) / 4_294_967_296
                if abs(other - begin) <= 2 * unit + 1 { equal += 1 }
                values.insert(begin)
            }
            time.sleep(until: time.now() + 1.37 * interval)
        }
        // Equal values that never change would say nothing about deltas.
        return values.count >= 4 && compared >= 4 && 2 * equal > compared
    }
}

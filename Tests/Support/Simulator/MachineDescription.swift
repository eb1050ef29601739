import FoundationEssentials
import Platform
import Statistics

/// A machine's power counters and sensors in a text file, a line an entry:
///
///     # a remark
///     file PATH TEXT
///     link PATH TARGET
///     counter PATH WATTS UPDATE_SECONDS MODULUS START QUANTUM     in µJ; a modulus of 0: it never wraps
///     sensor PATH MEAN JITTER UPDATE_SECONDS                      in the file's own unit
///
/// Paths are below the folder that stands for `/sys`. `Tests/Fixtures/machines` holds such files.
package struct MachineDescription: Sendable {
    package struct Counter: Sendable {
        package var watts: Double
        package var update: Double
        package var modulus: Double
        package var start: Double
        package var quantum: Double

        /// Microjoules at a moment of a counter that began at `origin`.
        package func text(at now: Double, since origin: Double) -> String {
            let steps = (now / update).rounded(.down) - (origin / update).rounded(.down)
            var microjoules = start + watts * 1e6 * update * steps
            if modulus > 0 { microjoules -= (microjoules / modulus).rounded(.down) * modulus }
            return "\(UInt64(max((microjoules / quantum).rounded(.down) * quantum, 0)))\n"
        }
    }

    package struct Sensor: Sendable {
        package var mean: Double
        package var jitter: Double
        package var update: Double

        package func text(at now: Double) -> String {
            let step = UInt64(max(now / update, 0))
            var generator = SeededGenerator(seed: step &* 0x9E37_79B9 &+ 1)
            return "\(Int64((mean + jitter * (2 * generator.uniform() - 1)).rounded()))\n"
        }
    }

    package enum Entry: Sendable {
        case file(String)
        case link(String)
        case counter(Counter)
        case sensor(Sensor)
    }

    package private(set) var entries: [(path: String, entry: Entry)] = []

    /// One of `Tests/Fixtures/machines`, by its name.
    package init(named name: String, relativeTo file: String = #filePath) throws {
        let tests = file.components(upTo: "/Tests/")
        try self.init(contentsOf: "\(tests)/Tests/Fixtures/machines/\(name).machine")
    }

    package init(contentsOf path: String) throws {
        let text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            entries.append(try Self.entry(line, in: path))
        }
    }

    private static func entry(_ line: Substring, in file: String) throws -> (String, Entry) {
        let parts = line.split(separator: " ", maxSplits: 2).map(String.init)
        let numbers = parts.count < 3 ? [] : parts[2].split(separator: " ").compactMap { Double($0) }
        switch (parts.first, numbers.count) {
        case ("file", _): return (parts[1], .file(parts.count < 3 ? "" : parts[2]))
        case ("link", _) where parts.count == 3: return (parts[1], .link(parts[2]))
        case ("counter", 5):
            return (
                parts[1],
                .counter(
                    Counter(
                        watts: numbers[0], update: numbers[1], modulus: numbers[2], start: numbers[3],
                        quantum: numbers[4]))
            )
        case ("sensor", 3):
            return (parts[1], .sensor(Sensor(mean: numbers[0], jitter: numbers[1], update: numbers[2])))
        default: throw Malformed(description: "\(file): '\(line)' is no entry of a machine")
        }
    }

    package struct Malformed: Error, CustomStringConvertible {
        package let description: String
    }
}

extension String {
    fileprivate func components(upTo mark: String) -> String {
        firstRange(of: mark).map { String(self[..<$0.lowerBound]) } ?? self
    }
}

extension LiveTree {
    /// Everything that a description holds. Counters begin now.
    package func add(_ machine: MachineDescription) {
        let origin = MonotonicClock.now()
        for (path, entry) in machine.entries {
            switch entry {
            case .file(let text): add(path, text: text + "\n")
            case .link(let target): add(path, linkTo: target)
            case .counter(let counter):
                add(path, update: counter.update) { counter.text(at: $0, since: origin) }
            case .sensor(let sensor): add(path, update: sensor.update) { sensor.text(at: $0) }
            }
        }
    }
}

extension SimulatedMachine {
    /// Everything that a description holds, below `/sys`. Counters begin at the clock's origin.
    package func add(_ machine: MachineDescription) {
        let origin = clock.now()
        for (path, entry) in machine.entries {
            let full = "/sys/" + path
            switch entry {
            case .file(let text): system.set(full, .text(text + "\n"))
            case .link(let target): system.link(full, to: target)
            case .counter(let counter): system.set(full, .live { counter.text(at: $0, since: origin) })
            case .sensor(let sensor): system.set(full, .live { sensor.text(at: $0) })
            }
        }
    }
}

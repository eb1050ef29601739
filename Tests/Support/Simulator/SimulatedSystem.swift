import Glibc
import Power
import Synchronization

/// What a file of a simulated tree holds when it is read.
package enum SimulatedFile: Sendable {
    case text(String)
    case bytes([UInt8])
    /// The content at this moment of the clock.
    case live(@Sendable (Double) -> String)
    /// Reading fails with this error number.
    case fault(Int32)
    /// Content or fault, decided at each reading.
    case decided(@Sendable (Double) -> Result<String, SystemFault>)
    case decidedBytes(@Sendable (Double) -> Result<[UInt8], SystemFault>)
}

/// A sysfs tree in memory whose files follow a clock: the seam to the operating system, with the system left out.
package final class SimulatedSystem: SystemAccess {
    private let files: Mutex<[String: SimulatedFile]>
    private let links: Mutex<[String: String]>
    private let perf = Mutex<(@Sendable (UInt64, Double) -> UInt64?)?>(nil)
    private let now: @Sendable () -> Double

    package init(_ files: [String: SimulatedFile] = [:], now: @escaping @Sendable () -> Double) {
        self.files = Mutex(files)
        links = Mutex([:])
        self.now = now
    }

    package convenience init(_ files: [String: SimulatedFile] = [:], clock: SimulatedClock) {
        self.init(files, now: { clock.now() })
    }

    /// Puts a file into the tree, or takes it out.
    package func set(_ path: String, _ file: SimulatedFile?) { files.withLock { $0[path] = file } }

    package func add(_ more: [String: SimulatedFile]) {
        files.withLock { $0.merge(more) { $1 } }
    }

    /// Makes `path`, and what lies below it, resolve to `target`, which may be relative to the folder of `path`.
    package func link(_ path: String, to target: String) {
        links.withLock { $0[path] = Self.absolute(target, besides: path) }
    }

    private static func absolute(_ target: String, besides path: String) -> String {
        guard !target.hasPrefix("/") else { return target }
        var parts = path.split(separator: "/").dropLast()
        for part in target.split(separator: "/") {
            if part == ".." { parts = parts.dropLast() } else if part != "." { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    /// The path with every link on it followed.
    private func resolved(_ path: String) -> String {
        links.withLock { links in
            var path = path
            // A tree has links that lead in circles; no path that is asked for passes many.
            for _ in 0..<16 {
                guard let link = links.keys.first(where: { path == $0 || path.hasPrefix($0 + "/") }),
                    let target = links[link]
                else { break }
                path = target + path.dropFirst(link.count)
            }
            return path
        }
    }

    package func contents(of path: String, limit: Int) throws(SystemFault) -> [UInt8] {
        let path = resolved(path)
        guard let file = files.withLock({ $0[path] }) else { throw SystemFault(ENOENT) }
        switch file {
        case .text(let text): return Array(text.utf8.prefix(limit))
        case .bytes(let bytes): return Array(bytes.prefix(limit))
        case .live(let content): return Array(content(now()).utf8.prefix(limit))
        case .fault(let errorNumber): throw SystemFault(errorNumber)
        case .decidedBytes(let decide): return Array(try decide(now()).get().prefix(limit))
        case .decided(let decide): return Array(try decide(now()).get().utf8.prefix(limit))
        }
    }

    package func entries(of path: String) throws(SystemFault) -> [String] {
        let prefix = resolved(path) + "/"
        let paths = files.withLock { Array($0.keys) } + links.withLock { Array($0.keys) }
        let names = Set(
            paths.filter { $0.hasPrefix(prefix) }.map { key in
                String(key.dropFirst(prefix.count).prefix { $0 != "/" })
            })
        if names.isEmpty { throw SystemFault(ENOENT) }
        return Array(names)
    }

    package func canonicalPath(of path: String) throws(SystemFault) -> String {
        resolved(path)
    }

    /// Answers readings of perf counters by their configuration and the moment, and makes the tree the running kernel's
    /// own.
    package func servePerf(_ value: @escaping @Sendable (_ config: UInt64, _ time: Double) -> UInt64?) {
        perf.withLock { $0 = value }
    }

    package func isKernelSysfs(_ path: String) -> Bool { perf.withLock { $0 != nil } }

    package func openPerfCounter(type: UInt32, config: UInt64, processor: Int32) throws(SystemFault) -> Int32 {
        guard let value = perf.withLock({ $0 }), value(config, now()) != nil else { throw SystemFault(ENOENT) }
        return Int32(config)
    }

    package func readPerfCounter(_ descriptor: Int32) throws(SystemFault) -> UInt64 {
        guard let value = perf.withLock({ $0 })?(UInt64(descriptor), now()) else { throw SystemFault(EBADF) }
        return value
    }

    package func closePerfCounter(_ descriptor: Int32) {}
}

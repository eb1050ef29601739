import FoundationEssentials
import Glibc
import Platform
import Power
import Synchronization

/// A folder that looks like sysfs and whose counters and sensors advance with real time, for any process to read.
///
/// A thread replaces each live file when its update is due. Replacing (write beside, then rename) keeps a reader from
/// ever seeing half a number, as in sysfs.
package final class LiveTree: Sendable {
    /// A file that changes.
    private struct Live {
        var path: String
        var update: Double
        var due: Double
        /// The content at a moment; `nil` takes the file away.
        var content: @Sendable (Double) -> String?
    }

    /// The folder to give to `--sysfs`.
    package let root: String
    private let files = Mutex<[Live]>([])
    private let task = Mutex<(any SamplingTask)?>(nil)
    private let late = Mutex(0.0)

    private let isTemporary: Bool

    /// Uses (and makes) a folder.
    package init(root: String) {
        self.root = root
        isTemporary = false
        Self.makeFolders(root)
    }

    /// A new folder for temporary files, which goes away with the tree.
    package init() {
        let tag = UInt64(MonotonicClock.now() * 1e9) % 1_000_000_007
        root = "/tmp/joulemark-sysfs-\(getpid())-\(tag)"
        isTemporary = true
        Self.makeFolders(root)
    }

    deinit {
        stop()
        if isTemporary { try? FileManager.default.removeItem(atPath: root) }
    }

    // MARK: Content

    /// A file that never changes.
    package func add(_ path: String, text: String) {
        Self.makeFolders(above: root + "/" + path)
        Self.write(text, to: root + "/" + path)
    }

    /// A symbolic link.
    package func add(_ path: String, linkTo target: String) {
        let full = root + "/" + path
        Self.makeFolders(above: full)
        _ = unsafe Glibc.remove(full)
        _ = unsafe symlink(target, full)
    }

    /// A file whose content is asked for once every `update` seconds.
    package func add(_ path: String, update: Double, content: @escaping @Sendable (Double) -> String?) {
        let full = root + "/" + path
        Self.makeFolders(above: full)
        if let text = content(MonotonicClock.now()) { Self.write(text, to: full) }
        files.withLock { $0.append(Live(path: full, update: update, due: 0, content: content)) }
    }

    /// Takes a file or an empty folder away.
    package func remove(_ path: String) {
        let full = root + "/" + path
        files.withLock { files in files.removeAll { $0.path == full } }
        _ = unsafe Glibc.remove(full)
    }

    // MARK: Life

    /// The most seconds that an update has come too late so far. A busy machine makes the simulation late, for which no
    /// meter can be blamed.
    package var largestLateness: Double { late.withLock { $0 } }

    /// Starts the thread that keeps the files up to date.
    package func start() {
        task.withLock { task in
            if task == nil { task = RealTime().startSampling { [weak self] in self?.tick() ?? .infinity } }
        }
    }

    /// Ends the thread; the files stay as they are.
    package func stop() {
        let running = task.withLock { task in
            defer { task = nil }
            return task
        }
        running?.stop()
    }

    private func tick() -> Double {
        files.withLock { files in
            var next = Double.infinity
            for index in files.indices {
                let now = MonotonicClock.now()
                if files[index].due <= now {
                    if files[index].due > 0 { late.withLock { $0 = max($0, now - files[index].due) } }
                    if let text = files[index].content(now) {
                        Self.write(text, to: files[index].path)
                    } else {
                        unsafe _ = Glibc.remove(files[index].path)
                    }
                    // The next multiple of the interval, so that lateness does not add up.
                    files[index].due = ((now / files[index].update).rounded(.down) + 1) * files[index].update
                }
                next = min(next, files[index].due)
            }
            return next
        }
    }

    // MARK: Files

    private static func write(_ text: String, to path: String) {
        let beside = path + ".new"
        let descriptor = unsafe open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return }
        let bytes = Array(text.utf8)
        let written = unsafe Glibc.write(descriptor, bytes, bytes.count)
        close(descriptor)
        if written == bytes.count { unsafe _ = rename(beside, path) }
    }

    private static func makeFolders(above path: String) {
        if let slash = path.lastIndex(of: "/") { makeFolders(String(path[..<slash])) }
    }

    private static func makeFolders(_ path: String) {
        var reached = ""
        for part in path.split(separator: "/") {
            reached += (reached.isEmpty && !path.hasPrefix("/") ? "" : "/") + part
            unsafe _ = mkdir(reached, 0o755)
        }
    }
}

extension LiveTree {
    /// How a live counter departs from an ideal one.
    package struct CounterBehaviour: Sendable {
        /// Seconds between updates.
        package var update = 0.001
        /// Microjoules of the smallest step.
        package var quantum = 1.0
        /// What `max_energy_range_uj` holds; `nil` leaves the file out.
        package var range: UInt64? = 262_143_328_850
        /// Seconds after which it wraps for the first time.
        package var wrapsAfter: Double?
        /// Seconds after which it starts again at 0.
        package var resetsAfter: Double?

        package init() {}
    }

    /// A RAPL zone such as `intel-rapl:0`, with its `name`.
    package func addZone(
        _ zone: String, name: String?, power: LivePower, behaviour: CounterBehaviour = CounterBehaviour()
    ) {
        let folder = "class/powercap/" + zone
        if let name { add(folder + "/name", text: name + "\n") }
        if let range = behaviour.range { add(folder + "/max_energy_range_uj", text: "\(range)\n") }
        add(folder + "/enabled", text: "1\n")
        let began = MonotonicClock.now()
        let origin = power.joules(at: began)
        let modulus = behaviour.range.map { Double($0) * (4_294_967_296.0 / 4_294_967_295.0) }
        // The mean power of the first seconds tells where to start so as to wrap on time.
        let start = behaviour.wrapsAfter.map { (modulus ?? 0) - 1e6 * (power.joules(at: began + $0) - origin) } ?? 5e9
        let resetAt = behaviour.resetsAfter.map { began + $0 } ?? .infinity
        add(folder + "/energy_uj", update: behaviour.update) { now in
            let base = now >= resetAt ? power.joules(at: resetAt) : origin
            var microjoules = (now >= resetAt ? 0 : start) + 1e6 * (power.joules(at: now) - base)
            if let modulus { microjoules -= (microjoules / modulus).rounded(.down) * modulus }
            return "\(UInt64(max((microjoules / behaviour.quantum).rounded(.down) * behaviour.quantum, 0)))\n"
        }
    }

    /// A power sensor of hwmon that is updated every `update` seconds and looks only during the last `looks` of them.
    package func addSensor(
        chip: String, name: String, file: String, power: LivePower, update: Double, looks: Double
    ) {
        let folder = "class/hwmon/\(chip)"
        add(folder + "/name", text: name + "\n")
        add(folder + "/\(file)", update: update) { now in
            let watts = (power.joules(at: now) - power.joules(at: now - looks)) / looks
            return "\(UInt64(max(watts * 1e6, 0)))\n"
        }
    }
}

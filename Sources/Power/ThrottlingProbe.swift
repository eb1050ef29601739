import Synchronization

/// Tells what holds the clocks of a part of the machine back, while windows run.
package struct ThrottlingProbe: Sendable {
    /// What it speaks for.
    package var scope: PowerScope
    /// What has held the clocks back since the reading before, in words: empty for nothing, `nil` when it cannot be
    /// told.
    package var read: @Sendable () -> [String]?

    package init(scope: PowerScope, read: @escaping @Sendable () -> [String]?) {
        self.scope = scope
        self.read = read
    }

    /// Watches the kernel's counts of thermal events, one for each package; `nil` where it keeps none.
    ///
    /// Source of the facts: drivers/thermal/intel/therm_throt.c of Linux; `package_throttle_count` only grows.
    static func processor(in tree: SysfsTree) -> ThrottlingProbe? {
        let files = files(in: tree)
        guard !files.isEmpty else { return nil }
        let before = Counts()
        return ThrottlingProbe(scope: .host) {
            let counts = files.map { try? tree.integer($0) }
            return before.known.withLock { known in
                defer { known = counts }
                guard counts.contains(where: { $0 != nil }) else { return nil }
                let rose = zip(known, counts).contains { old, new in
                    if let old, let new { return new > old }
                    return false
                }
                return rose ? ["the processor's temperature"] : []
            }
        }
    }

    /// The count of one processor of each package, since all of a package show the same.
    private static func files(in tree: SysfsTree) -> [String] {
        let folder = tree.path("devices/system/cpu")
        var packages: Set<Int64> = []
        return tree.list(folder).compactMap { name in
            let file = "\(folder)/\(name)/thermal_throttle/package_throttle_count"
            guard name.hasPrefix("cpu"), name.dropFirst(3).first?.isNumber == true, tree.exists(file) else {
                return nil
            }
            let package = (try? tree.integer("\(folder)/\(name)/topology/physical_package_id")) ?? 0
            return packages.insert(package).inserted ? file : nil
        }
    }

    /// What the reading before found.
    private final class Counts: Sendable {
        let known = Mutex<[Int64?]>([])
    }
}

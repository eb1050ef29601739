import Foundation
import Glibc

/// What /proc says of processes.
enum RunningProcesses {
    /// Ids of all processes.
    static var all: [pid_t] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { pid_t($0) }
    }

    static func children(of parent: pid_t) -> [pid_t] { all.filter { stat($0)?.parent == parent } }

    static func isRunning(_ id: pid_t) -> Bool { stat(id).map { $0.state != "Z" } ?? false }

    private static func stat(_ id: pid_t) -> (state: String, parent: pid_t)? {
        guard let data = FileManager.default.contents(atPath: "/proc/\(id)/stat"),
            let fields = String(decoding: data, as: UTF8.self).split(separator: ")").last?.split(separator: " "),
            fields.count > 1
        else { return nil }
        return (String(fields[0]), pid_t(fields[1]) ?? 0)
    }

    /// Python processes that are grandchildren of this one: runtimes of the workers that measure for a run here.
    static var runtimes: [pid_t] {
        children(of: getpid()).flatMap(children(of:)).filter { id in
            let command = FileManager.default.contents(atPath: "/proc/\(id)/cmdline") ?? Data()
            return String(decoding: command, as: UTF8.self).contains("/new/joulemark-python-")
        }
    }
}

/// Kills a runtime: the one that lives so many seconds after the first was seen, or the next one.
final class PythonKiller: @unchecked Sendable {
    private let lock = NSLock()
    private var killed = 0
    private var isStopped = false

    init(after seconds: Double) {
        let thread = Thread { [weak self] in
            var begin: Date?
            while let self, !self.isDone {
                if let victim = RunningProcesses.runtimes.first {
                    begin = begin ?? .now
                    if let begin, Date.now.timeIntervalSince(begin) >= seconds { self.kill(victim) }
                }
                usleep(5_000)
            }
        }
        thread.start()
    }

    private var isDone: Bool { lock.withLock { isStopped || killed > 0 } }

    private func kill(_ victim: pid_t) {
        lock.withLock { if Glibc.kill(victim, SIGKILL) == 0 { killed += 1 } }
    }

    /// How many were killed.
    func stop() -> Int {
        lock.withLock {
            isStopped = true
            return killed
        }
    }
}

import FoundationEssentials
import Glibc
import Platform

/// What trials of rungs came to, in files that the workers of a run share: one that ended its worker is not tried
/// again.
package struct RungVerdicts {
    private static let right = "right"
    private static let wrong = "wrong "
    private static let trying = "trying "

    private let directory: String

    package init(directory: String) { self.directory = directory }

    /// The complaint of an earlier trial, or else of this one; `nil` when the rung was right.
    package func verdict(_ key: String, trial: () -> String?) -> String? {
        var digest = ContentDigest()
        digest.add(key)
        let file = "\(directory)/\(digest.hexadecimal)"
        if let known = FileManager.default.contents(atPath: file).map({ String(decoding: $0, as: UTF8.self) }) {
            if known == Self.right { return nil }
            if known.hasPrefix(Self.wrong) { return String(known.dropFirst(Self.wrong.count)) }
            // Another worker's trial under way says nothing yet.
            if let process = pid_t(known.dropFirst(Self.trying.count)), process != getpid(), kill(process, 0) != 0 {
                return "ended its worker in its self-test"
            }
        }
        write("\(Self.trying)\(getpid())", file)
        let complaint = trial()
        write(complaint.map { Self.wrong + $0 } ?? Self.right, file)
        return complaint
    }

    /// Without room in the folder every worker makes its own trials.
    private func write(_ text: String, _ file: String) {
        try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try? Data(text.utf8).write(to: URL(filePath: file), options: .atomic)
    }
}

import FoundationEssentials
import Kernels
import Platform

/// Outputs of the float64 oracle: the last, and all that took long, in a folder that the workers of a run share.
final class ReferenceCache {
    let directory: String
    private var last: (key: String, outputs: [String: [Double]])?

    /// Bytes from which on having outputs at hand is not worth the memory.
    private static let keptBytes = 256 << 20

    init(directory: String) { self.directory = directory }

    /// The outputs for `key`, as they are known already, or computed.
    func outputs(
        key: String, expectedCounts: [String: Int], compute: () throws(KernelError) -> [String: [Double]]
    ) throws(KernelError) -> [String: [Double]] {
        if let last, last.key == key { return last.outputs }
        let outputs = try sharedOutputs(key, expectedCounts, compute)
        let bytes = outputs.values.reduce(0) { $0 + $1.count * MemoryLayout<Double>.stride }
        last = bytes <= Self.keptBytes ? (key, outputs) : nil
        return outputs
    }

    private func sharedOutputs(
        _ key: String, _ expectedCounts: [String: Int], _ compute: () throws(KernelError) -> [String: [Double]]
    ) throws(KernelError) -> [String: [Double]] {
        let folder = "\(directory)/\(Self.hash(key))"
        if let stored = read(folder, expectedCounts) { return stored }
        let begin = MonotonicClock.now()
        let outputs = try compute()
        // What is quickly computed is not worth a file. Without room in the folder every worker computes its own.
        if MonotonicClock.now() - begin > 0.2 { try? write(outputs, folder) }
        return outputs
    }

    private func read(_ folder: String, _ expectedCounts: [String: Int]) -> [String: [Double]]? {
        var outputs: [String: [Double]] = [:]
        for (name, count) in expectedCounts {
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)"),
                data.count == count * MemoryLayout<Double>.stride
            else { return nil }
            outputs[name] = unsafe data.withUnsafeBytes { unsafe Array($0.bindMemory(to: Double.self)) }
        }
        return outputs
    }

    private func write(_ outputs: [String: [Double]], _ folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, values) in outputs {
            let data = unsafe values.withUnsafeBytes { unsafe Data($0) }
            try data.write(to: URL(fileURLWithPath: "\(folder)/\(name)"), options: .atomic)
        }
    }

    private static func hash(_ key: String) -> String {
        var digest = ContentDigest()
        digest.add(key)
        return digest.hexadecimal
    }
}

import Foundation
import Glibc
import Statistics

/// Many inputs made from seeds, the same in every run: so many, or as many as `JOULEMARK_FUZZ_SECONDS` leaves time for.
/// `JOULEMARK_FUZZ_SEED` gives others.
///
/// What traps takes the tests with it: the file `joulemark-fuzz-NAME` among the temporary ones then holds the number of
/// the input, which `JOULEMARK_FUZZ_FIRST` begins with.
public struct FuzzCampaign {
    private let name: String
    private let seed: UInt64
    private let first: Int
    private let count: Int
    private let seconds: Double?

    /// - Parameter count: of the inputs where no time is given.
    public init(_ name: String, count: Int) {
        let environment = ProcessInfo.processInfo.environment
        self.name = name
        self.count = count
        seed = environment["JOULEMARK_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1
        first = environment["JOULEMARK_FUZZ_FIRST"].flatMap { Int($0) } ?? 0
        seconds = environment["JOULEMARK_FUZZ_SECONDS"].flatMap { Double($0) }
    }

    /// Tries one input after another, and says how many there were.
    ///
    /// - Parameter body: given a generator of its own and the input's number.
    /// - Returns: how many there were.
    @discardableResult
    public func run(_ body: (inout SeededGenerator, Int) throws -> Void) throws -> Int {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("joulemark-fuzz-\(name)").path
        let note = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        defer {
            close(note)
            unsafe _ = unlink(path)
        }
        let end = seconds.map { ContinuousClock.now + .seconds($0) }
        var number = first
        while end.map({ ContinuousClock.now < $0 }) ?? (number < first + count) {
            let line = Array("\(number)\n".utf8)
            unsafe _ = line.withUnsafeBytes { unsafe pwrite(note, $0.baseAddress, $0.count, 0) }
            var generator = SeededGenerator(seed: seed, purpose: "\(name) \(number)")
            try body(&generator, number)
            number += 1
        }
        print("\(name): \(number - first) inputs, seed \(seed)")
        return number - first
    }
}

extension SeededGenerator {
    /// A number below `bound`, which is positive.
    public mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    public mutating func element<Elements: Collection>(of elements: Elements) -> Elements.Element {
        elements[elements.index(elements.startIndex, offsetBy: below(elements.count))]
    }
}

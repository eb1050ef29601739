/// Where threads wait for each other between stages.
///
/// A thread that is early looks for the others some microseconds long, which is what equal shares of work differ by,
/// and then sleeps: a thread that waits for one that the system has not scheduled must not take the processor from it.
final class Barrier: Sendable {
    private let count: UInt32
    private let arrived = AlignedWord()
    private let round = AlignedWord()
    private let sleepers = AlignedWord()

    init(count: Int) { self.count = UInt32(count) }

    /// Returns when all threads have arrived. The last of them calls `completion` before any goes on.
    func arrive(_ completion: () -> Void) {
        let current = round.value
        guard arrived.add(1) + 1 == count else {
            wait(current)
            return
        }
        arrived.value = 0
        completion()
        round.value = current &+ 1
        if sleepers.value > 0 { round.wakeAll() }
    }

    private func wait(_ current: UInt32) {
        for _ in 0..<Self.spins where round.value == current { AlignedWord.pause() }
        guard round.value == current else { return }
        sleepers.add(1)
        round.wait(while: current, spins: 0)
        _ = sleepers.subtract(1)
    }

    /// About 20 µs on processors whose pause takes 40 to 140 cycles.
    private static let spins = 1000
}

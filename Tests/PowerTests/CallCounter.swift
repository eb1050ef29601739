import Synchronization

/// Counts calls from any thread.
final class CallCounter: Sendable {
    private let count = Atomic(0)

    /// 1, 2, 3…
    func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}

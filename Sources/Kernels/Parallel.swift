import Dispatch
import Synchronization

/// Independent work on all cores: what makes a float64 oracle bearable.
enum Parallel {
    /// `[body(0), body(1), …, body(count - 1)]`, computed concurrently.
    static func map<Element: Sendable>(count: Int, _ body: @Sendable (Int) -> Element) -> [Element] {
        let results = Mutex<[Element?]>(Array(repeating: nil, count: count))
        DispatchQueue.concurrentPerform(iterations: count) { index in
            let element = body(index)
            results.withLock { $0[index] = element }
        }
        return results.withLock { $0.compactMap { $0 } }
    }
}

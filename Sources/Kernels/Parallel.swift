import Dispatch

/// Independent work on all cores: what makes a float64 oracle bearable.
enum Parallel {
    /// Where workers write, each to elements of its own.
    @safe private struct Destination<Element>: @unchecked Sendable {
        let elements: UnsafeMutableBufferPointer<Element>
    }

    /// `[body(0), body(1), …, body(count - 1)]`, computed concurrently.
    static func map<Element: Sendable>(count: Int, _ body: @Sendable (Int) -> Element) -> [Element] {
        unsafe [Element](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            let destination = unsafe Destination(elements: buffer)
            DispatchQueue.concurrentPerform(iterations: count) { index in
                unsafe destination.elements.initializeElement(at: index, to: body(index))
            }
            initializedCount = count
        }
    }

    /// `parts × size` numbers, all 0 before `body(part, numbers)` fills the `size` numbers of each part concurrently.
    static func fill<Number: ReferenceNumber>(
        parts: Int, size: Int, _ body: @Sendable (Int, UnsafeMutableBufferPointer<Number>) -> Void
    ) -> [Number] {
        unsafe fill(size: parts * size, parts: parts) { part, numbers in
            unsafe body(part, numbers.extracting((part * size)..<((part + 1) * size)))
        }
    }

    /// `size` numbers, all 0 before `body(part, numbers)` fills those of each part concurrently, wherever they lie.
    static func fill<Number: ReferenceNumber>(
        size: Int, parts: Int, _ body: @Sendable (Int, UnsafeMutableBufferPointer<Number>) -> Void
    ) -> [Number] {
        unsafe [Number](unsafeUninitializedCapacity: size) { buffer, initializedCount in
            unsafe buffer.initialize(repeating: 0)
            let destination = unsafe Destination(elements: buffer)
            DispatchQueue.concurrentPerform(iterations: parts) { part in
                unsafe body(part, destination.elements)
            }
            initializedCount = size
        }
    }
}

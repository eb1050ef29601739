import CPlatform
import Synchronization

/// A 32-bit word that threads share and can sleep on, alone on its cache lines.
///
/// 128 bytes, because processors fetch lines of 64 in pairs.
@safe final class AlignedWord: @unchecked Sendable {
    private let word: UnsafeMutablePointer<Atomic<UInt32>>

    init(_ value: UInt32 = 0) {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 128, alignment: 128)
        unsafe word = memory.bindMemory(to: Atomic<UInt32>.self, capacity: 1)
        unsafe word.initialize(to: Atomic(value))
    }

    deinit {
        unsafe word.deinitialize(count: 1)
        unsafe UnsafeMutableRawPointer(word).deallocate()
    }

    var value: UInt32 {
        get { unsafe word.pointee.load(ordering: .sequentiallyConsistent) }
        set { unsafe word.pointee.store(newValue, ordering: .sequentiallyConsistent) }
    }

    /// Adds, wrapping around, and gives the value before.
    @discardableResult
    func add(_ amount: UInt32) -> UInt32 {
        unsafe word.pointee.wrappingAdd(amount, ordering: .sequentiallyConsistent).oldValue
    }

    /// Subtracts, wrapping around, and gives the value after.
    func subtract(_ amount: UInt32) -> UInt32 {
        unsafe word.pointee.wrappingSubtract(amount, ordering: .sequentiallyConsistent).newValue
    }

    /// Returns when the value is no longer `old`: at once, after `spins` looks, or after a sleep.
    func wait(while old: UInt32, spins: Int) {
        for _ in 0..<spins {
            if value != old { return }
            joulemark_spin_pause()
        }
        while value == old { unsafe joulemark_futex_wait(word, old) }
    }

    /// Lets the other hardware thread of the core run for a moment.
    static func pause() { joulemark_spin_pause() }

    func wakeAll() { unsafe joulemark_futex_wake_all(word) }
}

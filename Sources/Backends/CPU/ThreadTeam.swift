import CPlatform
import Glibc

/// Threads that work on one job together, each kept on a processor of its own. They sleep while there is no job.
///
/// Used from one thread.
final class ThreadTeam {
    /// How many threads work.
    let count: Int
    private let shared = SharedState()
    private var threads: [pthread_t] = []

    /// What the threads and their owner exchange. `body` is written before the number of the job grows and read after,
    /// so that the words order it.
    @safe private final class SharedState: @unchecked Sendable {
        let jobNumber = AlignedWord()
        let running = AlignedWord()
        /// `nil` ends the threads.
        var body: (@Sendable (Int) -> Void)?
    }

    /// What a thread is born with.
    private final class Start {
        let index: Int
        let processor: Int
        let shared: SharedState

        init(index: Int, processor: Int, shared: SharedState) {
            self.index = index
            self.processor = processor
            self.shared = shared
        }

        /// The thread's life. A thread that may not be pinned works where the system puts it.
        func work() {
            _ = joulemark_pin_to_processor(Int32(processor))
            var job: UInt32 = 0
            while true {
                shared.jobNumber.wait(while: job, spins: 0)
                job &+= 1
                let body = shared.body
                body?(index)
                if shared.running.subtract(1) == 0 { shared.running.wakeAll() }
                if body == nil { return }
            }
        }
    }

    /// Starts a thread for each of `processors`, numbers of logical processors.
    ///
    /// - Throws: ``BackendError`` with code `outOfMemory` when the system starts no more threads.
    init(processors: [Int]) throws(BackendError) {
        count = processors.count
        for (index, processor) in processors.enumerated() {
            let start = unsafe Unmanaged.passRetained(Start(index: index, processor: processor, shared: shared))
            var thread = pthread_t()
            let result = unsafe pthread_create(
                &thread, nil,
                { argument in
                    if let argument = unsafe argument {
                        unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().work()
                    }
                    return nil
                }, start.toOpaque())
            guard result == 0 else {
                unsafe start.release()
                throw BackendError(
                    .outOfMemory, "the system starts no thread \(index + 1) of \(count): error \(result)")
            }
            threads.append(thread)
        }
    }

    deinit {
        submit(nil)
        for thread in threads { _ = pthread_join(thread, nil) }
    }

    /// Calls `body` once on every thread, with the thread's index, and returns when all have.
    func run(_ body: @escaping @Sendable (Int) -> Void) {
        submit(body)
        while true {
            let running = shared.running.value
            if running == 0 { break }
            shared.running.wait(while: running, spins: 0)
        }
        shared.body = nil
    }

    private func submit(_ body: (@Sendable (Int) -> Void)?) {
        shared.body = body
        shared.running.value = UInt32(threads.count)
        shared.jobNumber.add(1)
        shared.jobNumber.wakeAll()
    }
}

import Platform

/// The way to a worker and back: lines of JSON.
package protocol WorkerLink: AnyObject {
    func send(line: String)

    /// The next line that the worker has written.
    func readLine(deadline: Double, isCancelled: () -> Bool) throws(ChildProcess.Failure) -> String

    /// Tells the worker that nothing more will come.
    func endInput()

    /// Ends the worker at once, and all that it has started.
    func terminate()

    @discardableResult
    func waitForEnd(seconds: Double) -> ChildProcess.End

    /// The last line that the worker wrote to its standard error, or `nil`.
    var lastErrorLine: String? { get }
}

/// How workers are started.
package struct WorkerStart: Sendable {
    private let start: @Sendable (String, Int?) throws(ChildProcess.Failure) -> any WorkerLink

    /// Of workers that are processes, unless a test puts in something that answers as no process would.
    @TaskLocal package static var current = WorkerStart { executable, memoryLimit throws(ChildProcess.Failure) in
        try WorkerProcess(executable: executable, memoryLimit: memoryLimit)
    }

    /// - Parameter start: given a program, and the bytes that it may have to itself; `nil`: the machine's memory.
    package init(_ start: @escaping @Sendable (String, Int?) throws(ChildProcess.Failure) -> any WorkerLink) {
        self.start = start
    }

    func callAsFunction(_ executable: String, _ memoryLimit: Int?) throws(ChildProcess.Failure) -> any WorkerLink {
        try start(executable, memoryLimit)
    }
}

/// A worker that is a process.
package final class WorkerProcess: WorkerLink {
    private var process: ChildProcess

    package init(executable: String, memoryLimit: Int?) throws(ChildProcess.Failure) {
        process = try ChildProcess(
            executable: executable, arguments: ["worker"], leading: .session, memoryLimit: memoryLimit)
    }

    package var processID: Int32 { process.processID }

    package func send(line: String) { process.send(line: line) }

    package func readLine(deadline: Double, isCancelled: () -> Bool) throws(ChildProcess.Failure) -> String {
        try process.readLine(deadline: deadline, isCancelled: isCancelled)
    }

    package func endInput() { process.endInput() }

    package func terminate() { process.terminate() }

    package func waitForEnd(seconds: Double) -> ChildProcess.End { process.waitForEnd(seconds: seconds) }

    package var lastErrorLine: String? { process.lastErrorLine }
}

import CPlatform
import Glibc

/// A child process with a socket for its standard input, one pipe from its standard output and one from its standard
/// error.
///
/// The child leads a group or a session of its own, so that Ctrl-C in a terminal reaches the parent alone. It ends with
/// the thread that started it, and when the value goes away; what it has started itself ends with it.
public struct ChildProcess: ~Copyable {
    /// Why a child could not be started or spoken to.
    public enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        case spawn(executable: String, reason: String)
        /// It closed its output: it ended, or is about to.
        case closed
        case deadline
        /// A signal arrived in the parent while it waited.
        case signalled
        /// Its line goes on and on.
        case endless

        public var description: String {
            switch self {
            case .spawn(let executable, let reason): "\(executable): cannot be started: \(reason)"
            case .closed: "the process closed its output"
            case .deadline: "the process did not answer in time"
            case .signalled: "interrupted by a signal"
            case .endless: "the process wrote a line without an end"
            }
        }
    }

    /// What a child leads, and so what is ended with it.
    public enum Scope: Sendable {
        /// Its own children, such as the passes of a compiler.
        case group
        /// Whatever comes from it, whichever groups that makes.
        case session
    }

    /// How a child ended.
    public enum End: Sendable, Equatable, CustomStringConvertible {
        case exited(status: Int)
        /// By a signal that is not this program's.
        case signalled(CInt)
        /// It had not ended after so many seconds, and was killed.
        case overdue(seconds: Double)
        /// It was killed because it had been told to end.
        case terminated

        public var description: String {
            switch self {
            case .exited(let status): return "exited with status \(status)"
            case .signalled(SIGKILL):
                return
                    "was killed by signal 9, as a system ends processes when memory runs out: close other programs or take a smaller workload"
            case .signalled(let signal):
                let name = unsafe strsignal(signal).map { unsafe String(cString: $0) } ?? "unknown"
                return "was ended by signal \(signal) (\(name))"
            case .overdue(let seconds): return "did not end within \(Int(seconds)) s and was ended"
            case .terminated: return "was ended"
            }
        }
    }

    public let processID: pid_t
    private let scope: Scope
    /// -1 once it is closed.
    private var input: CInt
    private let output: CInt
    private let errors: CInt
    /// Readable once the child has ended; -1 where the kernel has no such thing.
    private let ending: CInt
    private var outputBuffer: [UInt8] = []
    private var errorTail: [UInt8] = []
    private var isTerminated = false
    private var isReaped = false
    private var end: End?

    private static let errorTailLimit = 65536
    /// Bytes of a line: what compilers tell of a program is a few MB.
    private static let lineLimit = 256 << 20

    /// Starts `executable` with `arguments` (not counting the name) in the parent's environment.
    ///
    /// - Parameter memoryLimit: bytes that it and each of its children may have to itself; `nil`: as many as the
    ///   parent.
    public init(
        executable: String, arguments: [String], leading scope: Scope = .group, memoryLimit: Int? = nil
    ) throws(Failure) {
        let toChild = try unsafe Self.connected(executable, joulemark_socket_pair)
        let fromChild = try unsafe Self.connected(executable, joulemark_pipe)
        let errorsFromChild = try unsafe Self.connected(executable, joulemark_pipe)

        let argv: [UnsafeMutablePointer<CChar>?] = unsafe ([executable] + arguments).map { unsafe strdup($0) } + [nil]
        defer { unsafe argv.forEach { unsafe free($0) } }
        let started = unsafe executable.withCString { path in
            unsafe argv.withUnsafeBufferPointer { arguments in
                var launch = unsafe joulemark_launch(
                    executable: path, arguments: arguments.baseAddress, environment: environ, input: toChild.read,
                    output: fromChild.write, errors: errorsFromChild.write, leads_session: scope == .session ? 1 : 0,
                    memory_limit: UInt64(memoryLimit ?? 0))
                return unsafe joulemark_spawn(&launch)
            }
        }
        close(toChild.read)
        close(fromChild.write)
        close(errorsFromChild.write)
        guard started > 0 else {
            close(toChild.write)
            close(fromChild.read)
            close(errorsFromChild.read)
            throw .spawn(executable: executable, reason: unsafe String(cString: strerror(-started)))
        }
        processID = started
        self.scope = scope
        input = toChild.write
        output = fromChild.read
        errors = errorsFromChild.read
        ending = joulemark_open_process(started)
        _ = fcntl(output, F_SETFL, O_NONBLOCK)
        _ = fcntl(errors, F_SETFL, O_NONBLOCK)
    }

    deinit {
        if input >= 0 { close(input) }
        if !isReaped {
            Self.kill(processID, scope)
            _ = Self.reap(processID)
        }
        close(output)
        close(errors)
        if ending >= 0 { close(ending) }
    }

    /// Ends the child and all that it leads. It must not have been reaped: until then its number is nobody else's.
    private static func kill(_ processID: pid_t, _ scope: Scope) {
        switch scope {
        case .group:
            Glibc.kill(-processID, SIGKILL)
            // Before it has made its group.
            Glibc.kill(processID, SIGKILL)
        case .session: joulemark_kill_session(processID)
        }
    }

    private static func reap(_ processID: pid_t) -> CInt {
        var status: CInt = 0
        while unsafe waitpid(processID, &status, 0) == -1, errno == EINTR {}
        return status
    }

    private static func connected(
        _ executable: String, _ make: (UnsafeMutablePointer<CInt>) -> CInt
    ) throws(Failure) -> (read: CInt, write: CInt) {
        var ends: [CInt] = [0, 0]
        guard unsafe make(&ends) == 0 else {
            throw .spawn(executable: executable, reason: unsafe String(cString: strerror(errno)))
        }
        return (ends[0], ends[1])
    }

    /// Tells the child that nothing more will come: it reads the end of its standard input.
    public mutating func endInput() {
        if input >= 0 { close(input) }
        input = -1
    }

    /// Sends `line` and a newline. A child that is gone shows at the next ``readLine(deadline:isCancelled:)``.
    public func send(line: String) {
        let bytes = Array(line.utf8) + [UInt8(ascii: "\n")]
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.send(
                    input, buffer.baseAddress.map { unsafe $0 + sent }, buffer.count - sent, CInt(MSG_NOSIGNAL)
                )
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// The next line of the child's standard output, without its newline.
    ///
    /// - Parameters:
    ///   - deadline: moment of ``MonotonicClock`` after which waiting ends.
    ///   - isCancelled: asked whenever a signal interrupts the wait.
    public mutating func readLine(deadline: Double, isCancelled: () -> Bool) throws(Failure) -> String {
        var searched = 0
        while true {
            if let newline = outputBuffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: outputBuffer[..<newline], as: UTF8.self)
                outputBuffer.removeSubrange(...newline)
                return line
            }
            searched = outputBuffer.count
            guard searched <= Self.lineLimit else { throw .endless }
            if isCancelled() { throw .signalled }
            let remaining = deadline - MonotonicClock.now()
            guard remaining > 0 else { throw .deadline }
            var descriptors = [
                pollfd(fd: output, events: Int16(POLLIN), revents: 0),
                pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
                pollfd(fd: ending, events: Int16(POLLIN), revents: 0),
            ]
            // A second at most, so that a signal between the check and the wait is noticed.
            let ready = unsafe poll(&descriptors, 3, CInt(min(remaining * 1000 + 1, 1000)))
            guard ready > 0 else { continue }
            if descriptors[1].revents != 0 { drainErrors() }
            if descriptors[0].revents != 0 {
                guard fill() else { throw .closed }
            } else if descriptors[2].revents != 0 {
                // What it has started may hold its output open for ever.
                throw .closed
            }
        }
    }

    /// Ends the child at once, and all that it leads.
    public mutating func terminate() {
        guard !isReaped else { return }
        isTerminated = true
        Self.kill(processID, scope)
    }

    /// Waits up to `seconds` for the child's end, kills it otherwise, and says how it ended. What it has written to its
    /// standard output by then is lost.
    @discardableResult
    public mutating func waitForEnd(seconds: Double) -> End {
        if let end { return end }
        let deadline = MonotonicClock.now() + seconds
        var isOverdue = false
        while joulemark_has_ended(processID) == 0 {
            if !isOverdue, MonotonicClock.now() > deadline {
                isOverdue = !isTerminated
                Self.kill(processID, scope)
            }
            // A child that fills a pipe would wait for its reader for ever.
            drainErrors()
            while fill(), !outputBuffer.isEmpty { outputBuffer.removeAll() }
            usleep(1000)
        }
        drainErrors()
        // Whatever it left running.
        Self.kill(processID, scope)
        let status = Self.reap(processID)
        isReaped = true
        let signal = status & 0x7F
        let end: End =
            if signal == 0 { .exited(status: Int((status >> 8) & 0xFF)) } else if isOverdue {
                .overdue(seconds: seconds)
            } else if isTerminated { .terminated } else { .signalled(signal) }
        self.end = end
        return end
    }

    /// The exit status of a child that has ended by itself and been waited for.
    public var exitStatus: Int? {
        if case .exited(let status) = end { status } else { nil }
    }

    /// The end of what the child wrote to its standard error, at most 64 KiB.
    public var errorText: String { String(decoding: errorTail, as: UTF8.self) }

    /// The last line that the child wrote to its standard error, or `nil`.
    public var lastErrorLine: String? {
        String(decoding: errorTail, as: UTF8.self).split(whereSeparator: \.isNewline).last.map(String.init)
    }

    private mutating func fill() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65536)
        let count = unsafe read(output, &chunk, chunk.count)
        if count < 0 { return errno == EINTR || errno == EAGAIN }
        outputBuffer.append(contentsOf: chunk.prefix(count))
        return count > 0
    }

    private mutating func drainErrors() {
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe read(errors, &chunk, chunk.count)
            guard count > 0 else { return }
            errorTail.append(contentsOf: chunk.prefix(count))
            if errorTail.count > Self.errorTailLimit { errorTail.removeFirst(errorTail.count - Self.errorTailLimit) }
        }
    }
}

import CPlatform
import Glibc

/// A child process with a socket for its standard input, one pipe from its standard output and one from its standard error.
///
/// The child leads its own process group, so that Ctrl-C in a terminal reaches the parent alone. It is killed and reaped
/// when the value goes away.
public struct ChildProcess: ~Copyable {
    /// Why a child could not be started or spoken to.
    public enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        case spawn(executable: String, reason: String)
        /// It closed its output: it ended, or is about to.
        case closed
        case deadline
        /// A signal arrived in the parent while it waited.
        case signalled

        public var description: String {
            switch self {
            case .spawn(let executable, let reason): "\(executable): cannot be started: \(reason)"
            case .closed: "the process closed its output"
            case .deadline: "the process did not answer in time"
            case .signalled: "interrupted by a signal"
            }
        }
    }

    public let processID: pid_t
    /// -1 once it is closed.
    private var input: CInt
    private let output: CInt
    private let errors: CInt
    private var outputBuffer: [UInt8] = []
    private var errorTail: [UInt8] = []
    private var reapedStatus: CInt?

    private static let errorTailLimit = 65536

    /// Starts `executable` with `arguments` (not counting the name) in the parent's environment.
    public init(executable: String, arguments: [String]) throws(Failure) {
        let toChild = try unsafe Self.connected(executable, joulemark_socket_pair)
        let fromChild = try unsafe Self.connected(executable, joulemark_pipe)
        let errorsFromChild = try unsafe Self.connected(executable, joulemark_pipe)

        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe _ = posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, toChild.read, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, fromChild.write, 1)
        unsafe posix_spawn_file_actions_adddup2(&actions, errorsFromChild.write, 2)

        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe _ = posix_spawnattr_destroy(&attributes) }
        // Whatever the parent blocks or ignores, the child starts as from a shell.
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigfillset(&signals)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))

        var argv: [UnsafeMutablePointer<CChar>?] = unsafe ([executable] + arguments).map { unsafe strdup($0) } + [nil]
        defer { unsafe argv.forEach { unsafe free($0) } }
        var processID: pid_t = 0
        let status = unsafe posix_spawn(&processID, executable, &actions, &attributes, &argv, environ)
        close(toChild.read)
        close(fromChild.write)
        close(errorsFromChild.write)
        guard status == 0 else {
            close(toChild.write)
            close(fromChild.read)
            close(errorsFromChild.read)
            throw .spawn(executable: executable, reason: unsafe String(cString: strerror(status)))
        }
        self.processID = processID
        input = toChild.write
        output = fromChild.read
        errors = errorsFromChild.read
        _ = fcntl(errors, F_SETFL, O_NONBLOCK)
    }

    deinit {
        if input >= 0 { close(input) }
        if reapedStatus == nil {
            kill(processID, SIGKILL)
            var status: CInt = 0
            while unsafe waitpid(processID, &status, 0) == -1, errno == EINTR {}
        }
        close(output)
        close(errors)
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
        while true {
            if let newline = outputBuffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: outputBuffer[..<newline], as: UTF8.self)
                outputBuffer.removeSubrange(...newline)
                return line
            }
            if isCancelled() { throw .signalled }
            let remaining = deadline - MonotonicClock.now()
            guard remaining > 0 else { throw .deadline }
            var descriptors = [
                pollfd(fd: output, events: Int16(POLLIN), revents: 0),
                pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
            ]
            // A second at most, so that a signal between the check and the wait is noticed.
            let ready = unsafe poll(&descriptors, 2, CInt(min(remaining * 1000 + 1, 1000)))
            guard ready > 0 else { continue }
            if descriptors[1].revents != 0 { drainErrors() }
            if descriptors[0].revents != 0, !fill() { throw .closed }
        }
    }

    /// Ends the child at once.
    public mutating func terminate() { kill(processID, SIGKILL) }

    /// Closes the child's input, waits up to `seconds` for its end, kills it otherwise, and says how it ended.
    public mutating func waitForEnd(seconds: Double) -> String {
        let deadline = MonotonicClock.now() + seconds
        while reapedStatus == nil {
            var status: CInt = 0
            if unsafe waitpid(processID, &status, WNOHANG) == processID { reapedStatus = status }
            if reapedStatus == nil, MonotonicClock.now() > deadline { kill(processID, SIGKILL) }
            // A child that fills the pipe would wait for its reader for ever.
            drainErrors()
            if reapedStatus == nil { usleep(1000) }
        }
        drainErrors()
        let status = reapedStatus ?? 0
        let signal = status & 0x7F
        guard signal != 0 else { return "exited with status \((status >> 8) & 0xFF)" }
        return
            "was ended by signal \(signal) (\(unsafe strsignal(signal).map { unsafe String(cString: $0) } ?? "unknown"))"
    }

    /// The exit status of a child that has ended by itself and been waited for.
    public var exitStatus: Int? {
        guard let reapedStatus, reapedStatus & 0x7F == 0 else { return nil }
        return Int((reapedStatus >> 8) & 0xFF)
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

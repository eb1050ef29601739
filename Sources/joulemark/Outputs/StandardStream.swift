import Glibc
import Platform
import Reporting

/// Standard output or standard error.
struct StandardStream: Sendable {
    static let output = StandardStream(descriptor: 1)
    static let error = StandardStream(descriptor: 2)

    let descriptor: CInt

    /// Writes everything.
    ///
    /// - Throws: ``CommandFailure`` when the reader or the disk takes no more.
    func write(_ text: String) throws(CommandFailure) {
        guard FileDescriptor.write(Array(text.utf8), to: descriptor) else {
            throw CommandFailure(.failure, "standard output: \(FileDescriptor.reason())")
        }
    }

    /// Writes a message; one that nobody can read is lost.
    ///
    /// Control characters, which may come from file names, definitions and drivers, are shown as what they are not
    /// obeyed as.
    func writeLine(_ text: String) {
        _ = FileDescriptor.write(Array((TerminalText.harmless(text) + "\n").utf8), to: descriptor)
    }

    /// True when a person looks at it.
    var isTerminal: Bool { isatty(descriptor) == 1 }
}

extension FileDescriptor {
    /// True when there is a file, a folder or anything else of this name.
    static func exists(_ path: String) -> Bool {
        var information = stat()
        return unsafe stat(path, &information) == 0
    }

    /// What `errno` says.
    static func reason(_ code: CInt = errno) -> String { unsafe String(cString: strerror(code)) }
}

import CPlatform

/// Ctrl-C, counted: the run ends in order and keeps what it has.
enum Interruption {
    /// From now on SIGINT, SIGTERM and SIGHUP are counted instead of ending the process.
    static func watch() { joulemark_note_interruptions() }

    static var isRequested: Bool { joulemark_interruption_count() > 0 }
}

import CommandLineKit

/// Rows that several tables share.
enum Options {
    static let json = Option(
        "json", takes: .file, "write the data as JSON; '-' is standard output, which then carries nothing else",
        group: "outputs")
    static let kernels = Option(
        "kernels", takes: .folder, as: "DIR",
        "add the user's own strategies: a folder laid out like kernels/ in the sources, or a script that declares functions with "
            + "joulemark.strategy",
        repeats: true, group: "selection")
    static let sysfs = Option(
        "sysfs", takes: .folder, as: "DIR",
        "read power counters and the machine's description below DIR: in containers "
            + "and guests, where the host's /sys is elsewhere", default: "/sys", group: "control")
    /// Every command takes it, so that scripts can give it always; those that write no colours anyway have nothing to
    /// do.
    static let noColor = Option("no-color", "no colours", group: "control")
}

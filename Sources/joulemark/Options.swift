import CommandLineKit

/// Rows that several tables share.
enum Options {
    static let json = Option(
        "json", takes: .file, "write the data as JSON; '-' is standard output, which then carries nothing else",
        group: "outputs")
    static let kernels = Option(
        "kernels", takes: .folder, "add the user's own strategies: a folder laid out like kernels/ in the sources",
        repeats: true,
        group: "selection")
}

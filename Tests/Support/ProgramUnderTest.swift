import FoundationEssentials

/// The `joulemark` binary that was built together with the tests.
public enum ProgramUnderTest {
    /// Its path: beside the test bundle, or where `JOULEMARK_BINARY` says.
    public static var path: String {
        if let path = ProcessInfo.processInfo.environment["JOULEMARK_BINARY"] { return path }
        let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return bundle.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            + "/joulemark"
    }
}

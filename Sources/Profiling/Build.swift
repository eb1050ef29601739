import FoundationEssentials
import Results

/// A program whose kernels are measured, with the user's kernels beside its own.
struct Build: Sendable {
    let executable: String
    let kernelDirectories: [String]

    /// Asks the program which build it is.
    ///
    /// - Throws: ``ProfilingError`` with code `usage` when it cannot take turns with this one.
    func identify() throws(ProfilingError) -> ToolRecord {
        guard FileManager.default.isExecutableFile(atPath: executable) else {
            throw ProfilingError(.usage, "--base: '\(executable)' is not a program that can be run")
        }
        let worker = try WorkerClient(executable: executable)
        defer { worker.close() }
        let identity: WorkerIdentity
        do { identity = try worker.identity() } catch {
            guard error.code != .interrupted else { throw error }
            throw ProfilingError(
                .usage,
                "--base: '\(executable)' is not a build of joulemark that can take turns with this one: \(error)")
        }
        guard identity.protocolVersion == WorkerIdentity.currentProtocolVersion else {
            throw ProfilingError(
                .usage,
                "--base: '\(executable)' speaks version \(identity.protocolVersion) of the workers' protocol, this build speaks "
                    + "\(WorkerIdentity.currentProtocolVersion): build both from sources that do not lie that far apart"
            )
        }
        return identity.tool
    }
}

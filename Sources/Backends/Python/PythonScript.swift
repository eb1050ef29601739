import FoundationEssentials
import Platform

/// A script of the user's that declares strategies with `joulemark.strategy`.
public enum PythonScript {
    private static let declarationSeconds = 60.0

    /// Imports the script in the interpreter, and gives the folder that holds its strategies as kernels/ does.
    ///
    /// It lies in the user's cache under a digest of the script, and leads back to where the script is.
    /// - Throws: ``BackendError``: with code `missing` without an interpreter, `compilation` for what the script says
    ///   or raises.
    public static func folder(of script: String, _ settings: PythonSettings) throws(BackendError) -> String {
        guard let content = FileManager.default.contents(atPath: script) else {
            throw BackendError(.compilation, "\(script): cannot be read")
        }
        var digest = ContentDigest()
        digest.add(script)
        digest.add(content)
        guard let folder = CacheFolder.existing("scripts/\(digest.hexadecimal)") else {
            throw BackendError(
                .missing, "neither $XDG_CACHE_HOME nor ~/.cache can be written: strategies of a script lie there")
        }
        let interpreter = try settings.path()
        let modules =
            "\(FileManager.default.temporaryDirectory.path)/joulemark-script-\(UInt64.random(in: .min ... .max))"
        defer { try? FileManager.default.removeItem(atPath: modules) }
        try RuntimeProcess.writeModules(to: modules)
        try declare([modules, "declare", script, folder], interpreter, script)
        return folder
    }

    private static func declare(
        _ arguments: [String], _ interpreter: String, _ script: String
    ) throws(BackendError) {
        do throws(ChildProcess.Failure) {
            var process = try ChildProcess(executable: interpreter, arguments: arguments)
            let deadline = MonotonicClock.now() + declarationSeconds
            process.endInput()
            do throws(ChildProcess.Failure) {
                while true { _ = try process.readLine(deadline: deadline) { false } }
            } catch {
                if error == .deadline { process.terminate() }
            }
            let end = process.waitForEnd(seconds: 5)
            guard process.exitStatus != 0 else { return }
            let reason =
                end == .terminated
                ? "\(interpreter) did not end within \(Int(declarationSeconds)) s"
                : process.lastErrorLine ?? "\(interpreter) \(end)"
            throw .spawn(executable: script, reason: reason)
        } catch {
            guard case .spawn(let name, let reason) = error else { throw BackendError(.missing, error.description) }
            throw BackendError(.compilation, "\(name): \(reason)")
        }
    }
}

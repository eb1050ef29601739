import FoundationEssentials
import Glibc
import Platform

/// Which Python runs functions, and where what it needs is written.
public struct PythonSettings: Codable, Sendable, Equatable {
    /// The interpreter that is asked for; `nil`: that of an active virtual environment, then python3.
    public var interpreter: String?
    /// A folder for what the runtime reads, which somebody else removes; `nil`: one of its own, for as long as it runs.
    public var folder: String?

    public init(interpreter: String? = nil, folder: String? = nil) {
        self.interpreter = interpreter
        self.folder = folder
    }

    /// The path of the interpreter.
    ///
    /// - Throws: ``BackendError`` with code `missing`.
    func path() throws(BackendError) -> String {
        if let interpreter {
            if let path = ExecutableSearch.firstPath(of: [interpreter]) { return path }
            throw BackendError(.missing, "--python: '\(interpreter)' is not a program that can be run")
        }
        let environment = unsafe getenv("VIRTUAL_ENV").map { unsafe String(cString: $0) } ?? ""
        let own = environment.isEmpty ? [] : ["\(environment)/bin/python"]
        if let path = ExecutableSearch.firstPath(of: own + ["python3"]) { return path }
        throw BackendError(
            .missing, "there is no python3: apt-get install python3-numpy, or --python PATH names an interpreter")
    }
}

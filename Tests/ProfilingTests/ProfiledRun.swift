import Kernels
import Profiling
import Results
import TestSupport

extension ProfileRequest {
    /// What a profile of this request finds, with workers of this program.
    func run(
        workers executable: String = ProgramUnderTest.path, onEvent: @escaping (ProfileEvent) -> Void = { _ in }
    ) throws -> RunRecord {
        let tool = ToolRecord(version: "test", commit: nil, arguments: [])
        let folders = builds.kernelDirectories
        let catalogue: Catalogue = try folders.isEmpty ? .shared() : Catalogue(.builtIn(adding: folders))
        return try Profiler(self, catalogue: catalogue, executable: executable, tool: tool).run(onEvent: onEvent).run
    }
}

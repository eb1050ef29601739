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
        return try Profiler(self, catalogue: .shared(), executable: executable, tool: tool).run(onEvent: onEvent).run
    }
}

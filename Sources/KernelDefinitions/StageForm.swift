/// In which files a backend finds its form of a stage: what `strategy.json`, the support of a strategy and the user's
/// folders know of backends, in one table.
package struct StageForm: Sendable {
    /// The backend's name, also as a key of `strategy.json`.
    package let backend: String
    /// Endings of `<stage>.<ending>`, any of which will do: first the source that people write.
    package let endings: [String]
    /// The ending of what sources include.
    package let header: String

    /// A row a backend.
    package static let all = [
        StageForm(backend: "cpu", endings: ["c"], header: "h"),
        StageForm(backend: "opencl", endings: ["cl"], header: "h"),
        StageForm(backend: "vulkan", endings: ["comp", "f32.spv", "f16.spv"], header: "glsl"),
        StageForm(backend: Strategy.runtimeBackend, endings: ["py"], header: "py"),
    ]

    /// Last parts of the names of all files that a form can have.
    package static let fileExtensions: Set<String> = {
        let endings = all.flatMap { form -> [String] in form.endings + [form.header] }
        return Set(endings.map { ending in String(ending.reversed().prefix { $0 != "." }.reversed()) })
    }()
}

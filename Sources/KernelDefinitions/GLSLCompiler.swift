/// A program that makes SPIR-V of a stage's GLSL.
///
/// Which extensions one knows depends on its age: Debian 12's glslc does not know GL_KHR_cooperative_matrix. So what
/// one cannot compile for that reason is given to the next, and left out where there is none.
package struct GLSLCompiler: Sendable {
    /// Its name, to be searched on PATH.
    package let program: String
    private let options: [String]

    /// In order of preference.
    package static let all = [
        GLSLCompiler(program: "glslc", options: ["-Werror"]),
        GLSLCompiler(program: "glslang", options: ["-V", "--quiet"]),
    ]

    /// What it is called with for a source, of which included files are searched below `folder`.
    package func arguments(_ precision: Precision, folder: String, source: String, output: String) -> [String] {
        let target = program == "glslc" ? ["--target-env=vulkan1.1"] : ["--target-env", "vulkan1.1"]
        return options + target + ["-D\(precision.storageDefine)=1", "-I\(folder)", "-o", output, source]
    }

    /// The extension that a compiler's log says it does not know; `nil` when it says no such thing.
    package static func unknownExtension(in log: String) -> String? {
        let phrase = "extension not supported:"
        for line in log.split(whereSeparator: \.isNewline) {
            guard let end = line.firstRange(of: phrase)?.upperBound else { continue }
            return String(line[end...].drop { $0 == " " }.prefix { !$0.isWhitespace })
        }
        return nil
    }
}

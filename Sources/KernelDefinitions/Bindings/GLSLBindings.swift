/// What comes before a stage's GLSL: version, work-group size, constants, arguments, and for each tensor a macro that
/// declares a view of it: a vector of four elements where a row's length allows, single elements else, or both.
///
/// ```glsl
/// TENSOR_q(STORED4, q);
/// void main() { … q[i] … HEAD_SIZE … scale … }
/// ```
package struct GLSLBindings {
    package let interface: StageInterface
    /// The words of the stage's sources: of the constants, those that are named there are declared.
    private let words: Set<Substring>

    package init(_ interface: StageInterface, sources: [String]) {
        self.interface = interface
        words = Self.words(of: sources)
    }

    /// The identifiers of some sources, among other words.
    package static func words(of sources: [String]) -> Set<Substring> {
        Set(sources.flatMap { $0.split { !($0.isLetter || $0.isNumber || $0 == "_") } })
    }

    /// Whether a source stands alone, with all its declarations: it says the version itself.
    package static func isComplete(_ source: String) -> Bool {
        source.split(whereSeparator: \.isNewline).contains { $0.drop { $0 == " " }.hasPrefix("#version") }
    }

    /// Ids of specialisation constants begin here: those before are the work-group's size.
    private static let firstConstantID = 3

    package var text: String {
        var lines = [
            "#version 450", "#extension GL_GOOGLE_include_directive : require",
            "layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;",
        ]
        for (offset, constant) in interface.constants.enumerated() where words.contains(Substring(constant.name)) {
            // The default only has to be one that array sizes and quotients made of it can have.
            let declaration =
                constant.isReal ? "float \(constant.name) = 1.0" : "int \(constant.name) = \(constant.literal ?? 64)"
            lines.append("layout(constant_id = \(Self.firstConstantID + offset)) const \(declaration);")
        }
        if !interface.arguments.isEmpty {
            let members = interface.arguments.map { "\($0.isReal ? "float" : "int") \($0.name);" }
            lines.append("layout(push_constant) uniform Arguments { \(members.joined(separator: " ")) };")
        }
        for (binding, tensor) in interface.tensors.enumerated() {
            // A stage may read again what it has written.
            let access = tensor.access == .read ? "readonly " : ""
            lines.append(
                "#define TENSOR_\(tensor.name)(TYPE, NAME) layout(set = 0, binding = \(binding), std430) "
                    + "\(access)buffer Tensor_##NAME { TYPE NAME[]; }")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The whole source: the bindings, then the stage's own file.
    ///
    /// - Parameter path: of the stage's file, as the compiler finds it.
    package func source(including path: String) -> String { "\(text)#include \"\(path)\"\n" }
}

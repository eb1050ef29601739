/// The header that a stage's C source includes first: everything that the stage binds, under its names.
///
/// ```c
/// #include "attention/flash/flash.bindings.h"
///
/// JOULEMARK_STAGE(0) { … jm_tensors_of(call)->q … jm_arguments_of(call)->scale … }
/// ```
/// Constants that depend on nothing are macros, so that they can size arrays; others lie in `jm_constants_of(call)`.
package struct CBindings {
    package let interface: StageInterface

    package init(_ interface: StageInterface) { self.interface = interface }

    /// Where sources find it, below the folder of bindings.
    package static func path(of sourcePath: String) -> String { "\(sourcePath).bindings.h" }

    package static func isPath(_ path: String) -> Bool { path.hasSuffix(".bindings.h") }

    package var text: String {
        let literals = interface.constants.compactMap { number in
            number.literal.map { "#define \(number.name) \($0)\n" }
        }
        let stored = interface.tensors.map { tensor in
            "    \(tensor.access == .read ? "const " : "")\(Self.type(tensor.type)) *\(tensor.name);\n"
        }
        return """
            // Made from the definitions of the family and the strategy: what \(interface.sourcePath) binds.
            #ifndef JM_BINDINGS
            #define JM_BINDINGS
            #define JM_FAMILY "\(interface.family)"
            #define JM_STRATEGY "\(interface.strategy)"
            #define JM_STAGE "\(interface.sourceName)"
            #define JM_BUFFER_COUNT \(interface.tensors.count)
            #define JM_ARGUMENT_COUNT \(interface.arguments.count)
            \(Precision.allCases.map { "#define JM_STORES_\($0.rawValue) \(interface.precisions.contains($0) ? 1 : 0)\n" }.joined())\
            \(literals.joined())\
            \(Self.structure("jm_arguments", of: interface.arguments))\
            \(Self.structure("jm_constants", of: interface.constants))\
            #define jm_arguments_of(call) ((const jm_arguments *)(call)->arguments)
            #define jm_constants_of(call) ((const jm_constants *)(call)->constants)
            #define jm_tensors_of(call) ((const JM(jm_tensors) *)(call)->buffers)
            #endif

            #include "joulemark_kernel.h"

            typedef struct JM(jm_tensors) {
            \(stored.joined())} JM(jm_tensors);

            """
    }

    private static func structure(_ name: String, of numbers: [StageInterface.Number]) -> String {
        // C has no empty structure.
        let members =
            numbers.isEmpty
            ? ["    int unused;\n"]
            : numbers.map { number in
                // A macro of the same name stands for the value.
                "    \(number.isReal ? "float" : "int") \(number.literal == nil ? number.name : "literal_\(number.name)");\n"
            }
        return "typedef struct \(name) {\n\(members.joined())} \(name);\n"
    }

    private static func type(_ type: ElementType?) -> String {
        switch type {
        case nil: "jm_stored"
        case .f32: "float"
        case .f64: "double"
        case .i32: "int32_t"
        // C has no name for others that every compiler knows: their bits.
        case let other?: "uint\(8 * other.byteCount)_t"
        }
    }
}

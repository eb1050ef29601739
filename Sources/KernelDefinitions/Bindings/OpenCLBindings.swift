/// What comes before a stage's OpenCL C: its constants as macros, and `JOULEMARK_STAGE`, the kernel with all its
/// arguments.
///
/// ```c
/// JOULEMARK_STAGE { … q, k, v, o … B, Hq … scale … }
/// ```
package struct OpenCLBindings {
    package let interface: StageInterface
    package let constants: [NamedValue]
    package let workGroupSize: [Int]
    package let precision: Precision
    /// Whether the device is a processor.
    package let isHostProcessor: Bool

    package init(
        _ interface: StageInterface, constants: [NamedValue], workGroupSize: [Int], precision: Precision,
        isHostProcessor: Bool
    ) {
        self.interface = interface
        self.constants = constants
        self.workGroupSize = workGroupSize
        self.precision = precision
        self.isHostProcessor = isHostProcessor
    }

    /// The kernel's name: a stage may be named like a function of OpenCL C, which a kernel cannot be.
    package static func kernelName(ofStage stage: String) -> String { "\(stage)_stage" }

    package var text: String {
        var definitions = constants.map { ($0.name, Self.literal($0.value)) }
        definitions.append((precision.storageDefine, "1"))
        for (axis, size) in zip(["X", "Y", "Z"], workGroupSize) {
            definitions.append(("WORK_GROUP_SIZE_\(axis)", String(size)))
        }
        if isHostProcessor { definitions.append(("HOST_PROCESSOR", "1")) }
        let tensors = interface.tensors.map { tensor in
            "__global \(tensor.access == .read ? "const " : "")\(Self.type(tensor.type ?? precision.elementType)) *restrict \(tensor.name)"
        }
        let numbers = interface.arguments.map { "\($0.isReal ? "float" : "int") \($0.name)" }
        let size = workGroupSize.map(String.init).joined(separator: ", ")
        definitions.append(
            (
                "JOULEMARK_STAGE",
                "__kernel __attribute__((reqd_work_group_size(\(size)))) void "
                    + "\(Self.kernelName(ofStage: interface.stage))(\((tensors + numbers).joined(separator: ", ")))"
            ))
        return definitions.map { "#define \($0.0) \($0.1)\n" }.joined()
    }

    private static func literal(_ value: ScalarValue) -> String {
        switch value {
        case .integer(let integer): String(integer)
        case .real(let real): "\(Float(real))f"
        }
    }

    private static func type(_ type: ElementType) -> String {
        switch type {
        case .f16: "half"
        case .f32: "float"
        case .f64: "double"
        case .i32: "int"
        // OpenCL C has no name for others: their bits.
        case let other: other.byteCount == 1 ? "uchar" : "ushort"
        }
    }
}

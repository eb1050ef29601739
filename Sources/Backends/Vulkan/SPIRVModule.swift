/// What a compute stage's SPIR-V says of itself: the names by which the host gives it constants and arguments.
///
/// Read from the words as the SPIR-V specification lays them out (version 1.6, sections 2.3 and 3.52). Conventions of
/// the stages here: `local_size_x_id = 0`, `local_size_y_id = 1` and `local_size_z_id = 2` are the work-group size,
/// every named specialisation constant has a higher id; arguments are members of one push-constant block; buffers are
/// in set 0.
package struct SPIRVModule {
    package enum NumberType: Equatable {
        case integer, float
    }

    package struct SpecialisationConstant: Equatable {
        package let id: UInt32
        package let name: String
        package let type: NumberType
    }

    package struct Argument: Equatable {
        package let name: String
        package let type: NumberType?
    }

    /// Ids of the work-group size along x, y and z.
    package static let workGroupSizeIDs: [UInt32] = [0, 1, 2]

    let words: [UInt32]
    /// Sorted by id, without the work-group size.
    package let specialisationConstants: [SpecialisationConstant]
    /// Which of ``workGroupSizeIDs`` the module has.
    package let specialisedWorkGroupSize: Set<UInt32>
    /// Members of the push-constant block in order.
    package let arguments: [Argument]
    /// The highest binding plus one.
    package let bindingCount: Int
    package let entryPoint: String
    /// Whether it reads how many work-groups its dispatch has.
    package let readsGridSize: Bool

    /// `nil` when the bytes are not SPIR-V.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count % 4 == 0, bytes.count >= 20 else { return nil }
        let words = stride(from: 0, to: bytes.count, by: 4).map { start in
            (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) }
        }
        guard words[0] == 0x0723_0203, let facts = Facts(words) else { return nil }
        self.words = words
        var constants: [SpecialisationConstant] = []
        var sizes: Set<UInt32> = []
        for (target, id) in facts.specialisationIDs {
            if Self.workGroupSizeIDs.contains(id) {
                sizes.insert(id)
            } else if let type = facts.typeOfConstant[target] {
                let isFloat = facts.floatTypes.contains(type)
                constants.append(
                    SpecialisationConstant(
                        id: id, name: facts.names[target] ?? "", type: isFloat ? .float : .integer))
            }
        }
        specialisationConstants = constants.sorted { $0.id < $1.id }
        specialisedWorkGroupSize = sizes
        arguments = facts.pushConstantMembers.enumerated().map { index, type in
            let name = facts.memberNames[facts.pushConstantStruct]?[UInt32(index)] ?? ""
            if facts.floatTypes.contains(type) { return Argument(name: name, type: .float) }
            return Argument(name: name, type: facts.integerTypes.contains(type) ? .integer : nil)
        }
        bindingCount = facts.bindings.map { Int($0) + 1 }.max() ?? 0
        entryPoint = facts.entryPoint
        readsGridSize = facts.readsGridSize
    }
}

/// The instructions that matter, gathered in one pass.
private struct Facts {
    var names: [UInt32: String] = [:]
    var memberNames: [UInt32: [UInt32: String]] = [:]
    var specialisationIDs: [UInt32: UInt32] = [:]
    var typeOfConstant: [UInt32: UInt32] = [:]
    var integerTypes: Set<UInt32> = []
    var floatTypes: Set<UInt32> = []
    var structs: [UInt32: [UInt32]] = [:]
    var pointees: [UInt32: UInt32] = [:]
    var bindings: [UInt32] = []
    var pushConstantPointer: UInt32 = 0
    var entryPoint = "main"
    var readsGridSize = false

    var pushConstantStruct: UInt32 { pointees[pushConstantPointer] ?? 0 }
    var pushConstantMembers: [UInt32] { structs[pushConstantStruct] ?? [] }

    /// `nil` when an instruction runs past the end.
    init?(_ words: [UInt32]) {
        var position = 5
        while position < words.count {
            let length = Int(words[position] >> 16)
            guard length > 0, position + length <= words.count else { return nil }
            read(words[position] & 0xffff, words[(position + 1)..<(position + length)])
            position += length
        }
    }

    private mutating func read(_ operation: UInt32, _ slice: ArraySlice<UInt32>) {
        let operands = Array(slice)
        switch operation {
        case 5 where operands.count >= 2:  // OpName; a constant that is another by a new name bears both, its own first
            if names[operands[0]] == nil { names[operands[0]] = Self.string(operands.dropFirst()) }
        case 6 where operands.count >= 3:  // OpMemberName
            memberNames[operands[0], default: [:]][operands[1]] = Self.string(operands.dropFirst(2))
        case 15 where operands.count >= 3:  // OpEntryPoint
            entryPoint = Self.string(operands.dropFirst(2))
        case 20 where operands.count >= 1: integerTypes.insert(operands[0])  // OpTypeBool
        case 21 where operands.count >= 3: integerTypes.insert(operands[0])  // OpTypeInt
        case 22 where operands.count >= 2: floatTypes.insert(operands[0])  // OpTypeFloat
        case 30 where operands.count >= 1: structs[operands[0]] = Array(operands.dropFirst())  // OpTypeStruct
        case 32 where operands.count >= 3: pointees[operands[0]] = operands[2]  // OpTypePointer
        case 48...50 where operands.count >= 2: typeOfConstant[operands[1]] = operands[0]  // OpSpecConstant…
        case 59 where operands.count >= 3 && operands[2] == 9: pushConstantPointer = operands[0]  // OpVariable
        case 71 where operands.count >= 3 && operands[1] == 1:  // OpDecorate SpecId
            specialisationIDs[operands[0]] = operands[2]
        case 71 where operands.count >= 3 && operands[1] == 33: bindings.append(operands[2])  // OpDecorate Binding
        // OpDecorate BuiltIn NumWorkgroups
        case 71 where operands.count >= 3 && operands[1] == 11 && operands[2] == 24:
            readsGridSize = true
        default: break
        }
    }

    /// A literal string: UTF-8, four bytes a word, up to its NUL.
    private static func string(_ words: ArraySlice<UInt32>) -> String {
        let bytes = words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}

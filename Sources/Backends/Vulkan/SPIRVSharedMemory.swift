/// How much memory a module's work-group shares, with given values of its specialisation constants: the sizes of the
/// variables of storage class Workgroup (SPIR-V specification 1.6, sections 3.7, 3.52.6 and 3.52.7).
///
/// Drivers check this neither when they make a pipeline nor when they run it.
struct SPIRVSharedMemory {
    private enum Form {
        case number(bytes: Int)
        case vector(of: UInt32, count: Int)
        case array(of: UInt32, lengthConstant: UInt32)
        case structure([UInt32])
    }

    private var forms: [UInt32: Form] = [:]
    private var pointees: [UInt32: UInt32] = [:]
    /// Of integers and booleans; what is not here depends on something that is not known.
    private var values: [UInt32: Int64] = [:]
    /// Constants that are made of others, as the work-group's size is.
    private var composites: [UInt32: [UInt32]] = [:]
    private var specialisationIDs: [UInt32: UInt32] = [:]
    private let given: [UInt32: UInt32]
    private var variables: [UInt32] = []

    /// Bytes of a work-group; `nil` where a size depends on what this does not follow.
    static func bytes(_ words: [UInt32], constants: [(id: UInt32, bits: UInt32)]) -> Int? {
        var memory = SPIRVSharedMemory(given: Dictionary(constants.map { ($0.id, $0.bits) }) { first, _ in first })
        var position = 5
        while position < words.count {
            let length = Int(words[position] >> 16)
            guard length > 0, position + length <= words.count else { return nil }
            memory.read(words[position] & 0xffff, words[(position + 1)..<(position + length)])
            position += length
        }
        var total = 0
        for variable in memory.variables {
            guard let bytes = memory.size(variable) else { return nil }
            total += bytes
        }
        return total
    }

    private init(given: [UInt32: UInt32]) { self.given = given }

    private mutating func read(_ operation: UInt32, _ slice: ArraySlice<UInt32>) {
        let operands = Array(slice)
        switch operation {
        case 71 where operands.count >= 3 && operands[1] == 1: specialisationIDs[operands[0]] = operands[2]  // SpecId
        case 20 where operands.count >= 1: forms[operands[0]] = .number(bytes: 4)  // OpTypeBool
        case 21, 22:  // OpTypeInt, OpTypeFloat
            guard operands.count >= 2 else { return }
            forms[operands[0]] = .number(bytes: Int(operands[1]) / 8)
        case 23, 24:  // OpTypeVector, OpTypeMatrix
            guard operands.count >= 3 else { return }
            forms[operands[0]] = .vector(of: operands[1], count: Int(operands[2]))
        case 28 where operands.count >= 3:  // OpTypeArray
            forms[operands[0]] = .array(of: operands[1], lengthConstant: operands[2])
        case 30 where operands.count >= 1: forms[operands[0]] = .structure(Array(operands.dropFirst()))  // OpTypeStruct
        case 32 where operands.count >= 3: pointees[operands[0]] = operands[2]  // OpTypePointer
        case 41 where operands.count >= 2: values[operands[1]] = 1  // OpConstantTrue
        case 42 where operands.count >= 2: values[operands[1]] = 0  // OpConstantFalse
        case 43 where operands.count >= 3: values[operands[1]] = Int64(Int32(bitPattern: operands[2]))  // OpConstant
        case 48 where operands.count >= 2: values[operands[1]] = specialised(operands[1], 1)  // OpSpecConstantTrue
        case 49 where operands.count >= 2: values[operands[1]] = specialised(operands[1], 0)  // OpSpecConstantFalse
        case 50 where operands.count >= 3:  // OpSpecConstant
            values[operands[1]] = specialised(operands[1], operands[2])
        case 44, 51:  // OpConstantComposite, OpSpecConstantComposite
            guard operands.count >= 2 else { return }
            composites[operands[1]] = Array(operands.dropFirst(2))
        case 52 where operands.count >= 5 && operands[2] == 81:  // OpSpecConstantOp CompositeExtract
            guard let members = composites[operands[3]], members.indices.contains(Int(operands[4])) else { return }
            values[operands[1]] = values[members[Int(operands[4])]]
        case 52 where operands.count >= 4:  // OpSpecConstantOp
            values[operands[1]] = Self.result(of: operands[2], operands.dropFirst(3).map { values[$0] })
        case 59 where operands.count >= 3 && operands[2] == 4:  // OpVariable, Workgroup
            if let type = pointees[operands[0]] { variables.append(type) }
        default: break
        }
    }

    private func specialised(_ constant: UInt32, _ initial: UInt32) -> Int64 {
        let bits = specialisationIDs[constant].flatMap { given[$0] } ?? initial
        return Int64(Int32(bitPattern: bits))
    }

    private func size(_ type: UInt32) -> Int? {
        switch forms[type] {
        case .number(let bytes): return bytes
        case .vector(let element, let count): return size(element).map { $0 * count }
        case .array(let element, let length):
            guard let count = values[length], let bytes = size(element), count >= 0 else { return nil }
            return Int(count).multipliedReportingOverflow(by: bytes).partialValue
        case .structure(let members):
            var total = 0
            for member in members {
                guard let bytes = size(member) else { return nil }
                total += bytes
            }
            return total
        case nil: return nil
        }
    }

    /// What one of the operations gives that glslc folds sizes with.
    private static func result(of operation: UInt32, _ operands: [Int64?]) -> Int64? {
        guard let first = operands.first ?? nil else { return nil }
        if operation == 126 { return -first }  // OpSNegate
        if operation == 168 { return first == 0 ? 1 : 0 }  // OpLogicalNot
        guard operands.count >= 2 else { return nil }
        if operation == 169 { return operands.count == 3 ? operands[first != 0 ? 1 : 2] : nil }  // OpSelect
        guard let second = operands[1] else { return nil }
        switch operation {
        case 128: return first + second  // OpIAdd
        case 130: return first - second  // OpISub
        case 132: return first * second  // OpIMul
        case 134, 135: return second == 0 ? nil : first / second  // OpUDiv, OpSDiv
        case 137, 138: return second == 0 ? nil : first % second  // OpUMod, OpSRem
        case 139: return second == 0 ? nil : (first % second + second) % second  // OpSMod
        case 164, 170: return first == second ? 1 : 0  // OpLogicalEqual, OpIEqual
        case 165, 171: return first != second ? 1 : 0  // OpLogicalNotEqual, OpINotEqual
        case 166: return first != 0 || second != 0 ? 1 : 0  // OpLogicalOr
        case 167: return first != 0 && second != 0 ? 1 : 0  // OpLogicalAnd
        case 172, 173: return first > second ? 1 : 0  // OpUGreaterThan, OpSGreaterThan
        case 174, 175: return first >= second ? 1 : 0
        case 176, 177: return first < second ? 1 : 0
        case 178, 179: return first <= second ? 1 : 0
        case 194, 195: return (0..<32).contains(second) ? first >> second : nil  // OpShiftRight…
        case 196: return (0..<32).contains(second) ? first << second : nil  // OpShiftLeftLogical
        case 197: return first | second
        case 199: return first & second
        default: return nil
        }
    }
}

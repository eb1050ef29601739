import CKernels

/// The stages that a program or a shared library registers.
@safe package struct StageTable {
    /// `joulemark_stages`, of the program or of a library.
    typealias Lookup =
        @convention(c) (UnsafeMutablePointer<Int>?) -> UnsafePointer<UnsafePointer<joulemark_stage>?>?

    /// What a stage says of itself.
    package struct Description: Hashable, Sendable {
        package let family: String
        package let strategy: String
        package let name: String
        package let precision: String
        package let instructionSet: String

        fileprivate init(_ stage: UnsafePointer<joulemark_stage>) {
            func text(_ characters: UnsafePointer<CChar>?) -> String {
                unsafe characters.map { unsafe String(cString: $0) } ?? ""
            }
            family = unsafe text(stage.pointee.family)
            strategy = unsafe text(stage.pointee.strategy)
            name = unsafe text(stage.pointee.name)
            precision = unsafe text(stage.pointee.precision)
            instructionSet = unsafe text(stage.pointee.instructionSet)
        }
    }

    private let stages: UnsafePointer<UnsafePointer<joulemark_stage>?>?
    private let count: Int

    @unsafe init(_ lookup: Lookup) {
        var count = 0
        unsafe stages = lookup(&count)
        self.count = count
    }

    /// What is linked into this program.
    package static var builtIn: StageTable { unsafe StageTable(joulemark_stages) }

    package var descriptions: [Description] {
        (0..<count).compactMap { index in unsafe (stages?[index]).map { unsafe Description($0) } }
    }

    func first(where isWanted: (Description) -> Bool) -> UnsafePointer<joulemark_stage>? {
        for index in 0..<count {
            guard let stage = unsafe stages?[index] else { continue }
            if unsafe isWanted(Description(stage)) { return unsafe stage }
        }
        return nil
    }
}

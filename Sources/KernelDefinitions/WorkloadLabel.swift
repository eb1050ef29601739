/// A workload's sizes in words, as `label` of family.json has them: `{M} rows, {K} inputs to {N} outputs[, {bits}
/// bits]`.
///
/// What stands in brackets is left out where all of its parameters have their default values.
public struct WorkloadLabel: Sendable {
    private struct Segment: Sendable {
        let isOptional: Bool
        /// One more than ``names``, which stand between them.
        var texts = [""]
        var names: [String] = []
    }

    private var segments = [Segment(isOptional: false)]
    private let defaults: [String: Int]

    /// - Throws: ``KernelError`` naming file and key: a parameter that there is not, or a brace without its fellow.
    init(_ reader: DefinitionReader, _ parameters: [Family.Parameter]) throws(KernelError) {
        defaults = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.defaultValue) })
        let text = try reader.string()
        var name: String?
        for character in text {
            switch (character, name) {
            case ("[", nil): segments.append(Segment(isOptional: true))
            case ("]", nil): segments.append(Segment(isOptional: false))
            case ("{", nil): name = ""
            case ("}", let known?):
                guard defaults[known] != nil else { throw reader.failure("'\(known)' is no parameter") }
                segments[segments.count - 1].names.append(known)
                segments[segments.count - 1].texts.append("")
                name = nil
            case (_, let known?): name = known + String(character)
            default:
                let last = segments[segments.count - 1].texts.count - 1
                segments[segments.count - 1].texts[last].append(character)
            }
        }
        guard name == nil else { throw reader.failure("'\(text)' has a { without its }") }
    }

    /// The words for a workload; what it leaves open has its default value.
    public func text(_ values: [String: Int]) -> String {
        func value(_ name: String) -> Int { values[name] ?? defaults[name] ?? 0 }
        return segments.filter { segment in
            !segment.isOptional || segment.names.contains { value($0) != defaults[$0] }
        }.map { segment in
            zip(segment.texts, segment.names).map { "\($0)\(value($1))" }.joined() + (segment.texts.last ?? "")
        }.joined()
    }
}

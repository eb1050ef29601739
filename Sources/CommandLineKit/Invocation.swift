/// A command line that was understood: the command and what was given to it.
///
/// Options are asked for by their row of the table, so that a misspelt name does not compile:
/// ```swift
/// let seconds = invocation.number(Options.interval) ?? 1
/// ```
public struct Invocation: Sendable, Equatable {
    public let command: Command
    let values: [String: [String]]
    /// Arguments that are no options, in their order.
    public let operands: [String]
    /// What stood after `--`, when the command hands that on.
    public let trailing: [String]

    /// True when the option was given.
    public func has(_ option: Option) -> Bool { values[option.name] != nil }

    /// The option's value; the last one when it may be repeated.
    public func text(_ option: Option) -> String? { values[option.name]?.last }

    /// Every value of an option that may be repeated, in order.
    public func texts(_ option: Option) -> [String] { values[option.name] ?? [] }

    /// The words of a comma-separated list; `nil` when the option is absent.
    public func words(_ option: Option) -> [String]? { text(option)?.split(separator: ",").map(String.init) }

    /// The same with these options as another invocation has them, where it does.
    public func adding(_ other: Invocation, _ options: [Option]) -> Invocation {
        var merged = values
        for option in options { if let given = other.values[option.name] { merged[option.name] = given } }
        return Invocation(command: command, values: merged, operands: operands, trailing: trailing)
    }

    public func number(_ option: Option) -> Double? { text(option).flatMap(Double.init) }

    public func integer(_ option: Option) -> Int? { text(option).flatMap { Int($0) } }
}

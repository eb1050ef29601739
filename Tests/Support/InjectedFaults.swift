/// What the tests make go wrong: `./test` gathers the lines, and says at its end how many faults there were.
public enum InjectedFaults {
    /// - Parameters:
    ///   - what: they have in common.
    ///   - names: of each.
    public static func tell(_ what: String, _ names: [String]) {
        print("injected faults: \(names.count): \(what): \(names.joined(separator: ", "))")
    }

    /// Many of a kind, told by their number.
    public static func tell(_ what: String, count: Int) { print("injected faults: \(count): \(what)") }
}

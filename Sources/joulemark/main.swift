import FoundationEssentials
import Glibc
import Profiling

// Swift finds the arguments below the environment, where a library that was loaded before and set a variable has moved
// it away: drivers' stand-ins do. The kernel knows them still.
let given = FileManager.default.contents(atPath: "/proc/self/cmdline").map { bytes in
    bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast().map { String(decoding: $0, as: UTF8.self) }
}
let words = Array((given.map { $0.isEmpty ? CommandLine.arguments : $0 } ?? CommandLine.arguments).dropFirst())

// `worker` is how the program drives devices: a process of its own, which no person starts.
exit(words == ["worker"] ? WorkerMain.run(tool: Joulemark.toolRecord(arguments: words)) : Joulemark.main(words))

import Glibc
import Profiling

// `worker` is how the program drives devices: a process of its own, which no person starts.
let words = Array(CommandLine.arguments.dropFirst())
exit(words == ["worker"] ? WorkerMain.run(tool: Joulemark.toolRecord(arguments: words)) : Joulemark.main(words))

import Glibc
import Results

// Writes a result file and records it in a history, over and over, until it is killed: the tests do that at random
// moments.
//
//     record-runs RESULT-FILE HISTORY [COUNT]

guard CommandLine.arguments.count >= 3 else { exit(64) }
let (file, path) = (CommandLine.arguments[1], CommandLine.arguments[2])
let limit = CommandLine.arguments.count > 3 ? Int(CommandLine.arguments[3]) ?? 0 : .max
do throws(ResultsError) {
    var run = try RunFile.read(file)
    let history = try History(path: path)
    var count = 0
    while count < limit {
        count += 1
        run.startedAt = "run \(count) of \(getpid())"
        try RunFile.write(run, to: file)
        let id = try history.record(run, file: file)
        print(id)
        _ = fflush(nil)
    }
} catch {
    print(error.description)
    exit(1)
}

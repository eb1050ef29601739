import Glibc
import Platform
import TestSupport

// A machine's power counters, simulated: see README.md beside the simulator.

let usage = """
    usage: sysfs-simulator FOLDER [--seconds S] [--machine FILE] [SOURCE...]
    SOURCE: ZONE=NAME,POWER[,update=S][,quantum=UJ][,range=UJ|none][,wrap=S][,reset=S]     a RAPL counter
            hwmonN/FILE=NAME,POWER[,update=S][,looks=S]                                    a power sensor
    POWER:  WATTS | square:LOW:HIGH:PERIOD | process:IDLE:BUSY:PID | machine:IDLE:BUSY
    Without a SOURCE: intel-rapl:0=package-0,machine:20:30 intel-rapl:0:0=dram,3

    """

func say(_ words: String, to descriptor: Int32) {
    let bytes = Array(words.utf8)
    _ = unsafe write(descriptor, bytes, bytes.count)
}

func fail(_ words: String) -> Never {
    say("sysfs-simulator: \(words)\n\(usage)", to: STDERR_FILENO)
    exit(64)
}

func addSource(_ text: String, to tree: LiveTree) {
    guard let equals = text.firstIndex(of: "=") else { fail("'\(text)' has no '='") }
    let place = String(text[..<equals])
    let fields = text[text.index(after: equals)...].split(separator: ",").map(String.init)
    guard fields.count >= 2, let power = LivePower(fields[1]) else { fail("'\(text)' has no name and power") }
    var options: [String: String] = [:]
    for field in fields.dropFirst(2) {
        let parts = field.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { fail("'\(field)' is no option") }
        options[parts[0]] = parts[1]
    }
    func number(_ key: String) -> Double? {
        guard let text = options.removeValue(forKey: key) else { return nil }
        guard let value = Double(text), value > 0, value.isFinite else {
            fail("\(key)=\(text): expected a positive number")
        }
        return value
    }
    if place.hasPrefix("hwmon"), let slash = place.firstIndex(of: "/") {
        let update = number("update") ?? 0.1
        tree.addSensor(
            chip: String(place[..<slash]), name: fields[0], file: String(place[place.index(after: slash)...]),
            power: power, update: update, looks: number("looks") ?? update)
    } else {
        var behaviour = LiveTree.CounterBehaviour()
        behaviour.update = number("update") ?? behaviour.update
        behaviour.quantum = number("quantum") ?? behaviour.quantum
        behaviour.wrapsAfter = number("wrap")
        behaviour.resetsAfter = number("reset")
        if let range = options.removeValue(forKey: "range") { behaviour.range = UInt64(range) }
        tree.addZone(place, name: fields[0], power: power, behaviour: behaviour)
    }
    if let unknown = options.keys.min() { fail("'\(text)': unknown option '\(unknown)'") }
}

var arguments = Array(CommandLine.arguments.dropFirst())
var seconds = Double.infinity
if let index = arguments.firstIndex(of: "--seconds") {
    guard index + 1 < arguments.count, let value = Double(arguments[index + 1]) else {
        fail("--seconds needs a number")
    }
    seconds = value
    arguments.removeSubrange(index...(index + 1))
}
var machine: MachineDescription?
if let index = arguments.firstIndex(of: "--machine") {
    guard index + 1 < arguments.count else { fail("--machine needs a file") }
    do { machine = try MachineDescription(contentsOf: arguments[index + 1]) } catch { fail("\(error)") }
    arguments.removeSubrange(index...(index + 1))
}
guard let folder = arguments.first, !folder.hasPrefix("-") else { fail("no folder was given") }
let tree = LiveTree(root: folder)
if let machine { tree.add(machine) }
let sources =
    arguments.count > 1 || machine != nil
    ? Array(arguments.dropFirst()) : ["intel-rapl:0=package-0,machine:20:30", "intel-rapl:0:0=dram,3"]
for source in sources { addSource(source, to: tree) }
tree.start()
say("ready: joulemark doctor --sysfs \(folder)\n", to: STDOUT_FILENO)
let end = MonotonicClock.now() + seconds
while MonotonicClock.now() < end { usleep(100_000) }
tree.stop()

import Foundation
import Results
import Testing

/// What the description of the Trace Event Format asks of a file, and Perfetto's importer of spans: those of a thread
/// lie one after the other or one inside the other, else it drops them.
@Suite("The trace's format")
struct TraceFormatTests {
    private static func measurement(_ strategy: String, begins: [Double]) -> MeasurementRecord {
        var measurement = SampleRuns.measurement(strategy: strategy, seconds: 1e-3, joules: 0.05)
        var rounds = SampleRounds()
        (rounds.pass, rounds.samples, rounds.begins) = ([0, 1], [20, 40], begins)
        (rounds.clockHertz, rounds.celsius) = ([3e9, 2.8e9], [61, nil])
        measurement.time?.rounds = rounds
        measurement.energy?.windows = [
            WindowRecord(begin: begins[1] + 10, end: begins[1] + 11, iterations: 1000, grossJoules: 50)
        ]
        measurement.energy?.idleWatts = 18
        return measurement
    }

    /// Rounds of two strategies in turn, then each one's window.
    private static func inTurn() -> RunRecord {
        SampleRuns.run([
            measurement("unfused", begins: [1000, 1002.5]), measurement("flash", begins: [1001, 1003.5]),
        ])
    }

    private static func withReadings() -> RunRecord {
        var run = inTurn()
        var source = SourceTrace(
            source: "powercap/intel-rapl:0", kind: .counter, scale: 1e-6, modulus: 1e9, updateSeconds: 1e-3,
            averagingSeconds: 0)
        source.before = [1012.5, 1012.8, 1013.1]
        source.after = source.before
        source.values = [999e6, 15e6, 30e6]
        run.meterTrace = MeterTrace()
        run.meterTrace?.sources = [source]
        return run
    }

    private static func withoutTimes() -> RunRecord {
        var run = inTurn()
        for index in run.measurements.indices { run.measurements[index].time?.rounds = nil }
        return run
    }

    private static func events(_ run: RunRecord) throws -> [[String: Any]] {
        let object = try JSONSerialization.jsonObject(with: Data(try TraceWriter.text(of: run).utf8))
        let file = try #require(object as? [String: Any])
        #expect(["ms", "ns"].contains(file["displayTimeUnit"] as? String))
        return try #require(file["traceEvents"] as? [[String: Any]])
    }

    @Test("every event has what its kind must have, and times that begin at zero", arguments: 0..<3)
    func events(kind: Int) throws {
        let run = [Self.inTurn(), Self.withReadings(), Self.withoutTimes()][kind]
        let events = try Self.events(run)
        var times: [Double] = []
        for event in events {
            #expect((event["name"] as? String)?.isEmpty == false && event["pid"] is Int && event["tid"] is Int)
            let arguments = event["args"] as? [String: Any] ?? [:]
            switch event["ph"] as? String {
            case "M":
                #expect(["process_name", "thread_name"].contains(event["name"] as? String))
                #expect(arguments["name"] is String)
            case "X":
                times.append(try #require(event["ts"] as? Double))
                #expect(try #require(event["dur"] as? Double) >= 0 && event["cat"] is String)
            case "C":
                times.append(try #require(event["ts"] as? Double))
                #expect(!arguments.isEmpty && arguments.values.allSatisfy { $0 is Double })
            default: Issue.record("\(event)")
            }
        }
        #expect(times.first == 0 && times == times.sorted())
    }

    @Test("spans of a thread lie one after the other or one inside the other, to the nanosecond", arguments: 0..<3)
    func nesting(kind: Int) throws {
        let run = [Self.inTurn(), Self.withReadings(), Self.withoutTimes()][kind]
        let spans = try Self.events(run).filter { $0["ph"] as? String == "X" }
        for (_, own) in Dictionary(grouping: spans, by: { "\($0["pid"] ?? 0) \($0["tid"] ?? 0)" }) {
            var open: [Int] = []
            for span in own {
                let begin = Int(((span["ts"] as? Double ?? 0) * 1000).rounded())
                let end = begin + Int(((span["dur"] as? Double ?? 0) * 1000).rounded())
                while let last = open.last, last <= begin + 1 { open.removeLast() }
                #expect(open.last.map { end <= $0 + 1 } ?? true, "\(span)")
                open.append(end)
            }
        }
    }

    @Test("watts have a track: of the readings where they were kept, else of the windows and the idle machine")
    func watts() throws {
        func watts(_ run: RunRecord) throws -> [String: [[Double]]] {
            let counters = try Self.events(run).compactMap { event -> (String, [Double])? in
                guard event["ph"] as? String == "C", let value = (event["args"] as? [String: Double])?["watts"],
                    let name = event["name"] as? String, let time = event["ts"] as? Double
                else { return nil }
                return (name, [(time / 1e6 * 1000).rounded() / 1000, (value * 1000).rounded() / 1000])
            }
            return Dictionary(grouping: counters, by: \.0).mapValues { $0.map(\.1) }
        }
        let device = try #require(Self.inTurn().measurements.first).device
        #expect(
            try watts(Self.inTurn())
                == ["power while \(device) runs": [[12.5, 50], [13.5, 18], [13.5, 50], [14.5, 18]]])
        #expect(
            try watts(Self.withReadings()) == ["power of powercap/intel-rapl:0": [[12.5, 53.333], [12.8, 50]]])
    }

    @Test("clock and temperature stand at the end of the round that they were read after")
    func conditions() throws {
        let run = Self.inTurn()
        let counters = try Self.events(run).filter { $0["ph"] as? String == "C" }
        let heat = counters.filter { ($0["args"] as? [String: Any])?["celsius"] != nil }
        let samples = try #require(run.measurements[0].time).sampleSeconds.prefix(20).reduce(0, +)
        #expect(heat.count == 2)
        #expect(abs(try #require(heat[0]["ts"] as? Double) - samples * 1e6) < 1e-3)
        #expect(counters.count { ($0["args"] as? [String: Any])?["hertz"] != nil } == 4)
    }
}

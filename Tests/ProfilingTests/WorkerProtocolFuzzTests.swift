import Foundation
import Kernels
import Platform
import Power
import Profiling
import Results
import Statistics
import TestSupport
import Testing

/// Lines between this program and its workers that neither would write: every one is understood or refused, by a typed
/// error, and nothing traps, hangs or makes a result that cannot be written.
@Suite("The workers' protocol with anything in it", .serialized)
struct WorkerProtocolFuzzTests {
    private static let isLong = ProcessInfo.processInfo.environment["JOULEMARK_TESTS"] == "long"

    /// What is said in a small run on the processor.
    private static let conversation = Result { () throws -> Conversation in
        let conversation = Conversation()
        try WorkerStart.$current.withValue(
            WorkerStart { executable, memoryLimit throws(ChildProcess.Failure) in
                RecordedWorker(try WorkerProcess(executable: executable, memoryLimit: memoryLimit), conversation)
            },
            operation: { _ = try request().run() })
        return conversation
    }

    private static func request() -> ProfileRequest {
        var request = ProfileRequest()
        request.selection.families = ["swiglu"]
        request.selection.shape = ["T": 8, "D": 64]
        request.selection.devices = ["cpu:0"]
        request.sampling.timeLimitSeconds = 0.02
        request.energy.mode = .off
        return request
    }

    private func check(_ error: ProfilingError, _ codes: [ProfilingError.Code], _ number: Int) {
        #expect(codes.contains(error.code), "\(number): \(error)")
        #expect(!error.description.isEmpty, "\(number)")
    }

    @Test("whatever a worker says, it is an answer or nonsense")
    func answers() throws {
        let answers = try Self.conversation.get().answers.values.joined().map { MessageMutation($0) }
        #expect(answers.count > 20)
        var taken = 0, refused = 0
        try FuzzCampaign("answers", count: Self.isLong ? 1_000_000 : 10_000).run { generator, number in
            let line = generator.element(of: answers).mutated(by: &generator)
            if let error = WorkerLine.refusal(ofAnswer: line) {
                refused += 1
                check(error, [.worker], number)
            } else {
                taken += 1
            }
        }
        InjectedFaults.tell("answers of workers, \(refused) of them refused", count: taken + refused)
        #expect(taken > refused / 20 && refused > taken / 20)
    }

    @Test(
        "what no worker can mean is nonsense",
        arguments: [
            #"{"sampled":{"_0":{"hostSeconds":[1e10],"stageSeconds":[],"waitSeconds":[],"controlSeconds":[]}}}"#,
            #"{"sampled":{"_0":{"hostSeconds":[-1e-9],"stageSeconds":[],"waitSeconds":[],"controlSeconds":[]}}}"#,
            #"{"sampled":{"_0":{"hostSeconds":[1],"stageSeconds":[],"waitSeconds":[],"controlSeconds":[[1e300]]}}}"#,
            #"{"prepared":{"_0":{"status":"ok","stages":[],"isCold":false,"tokens":-1}}}"#,
            #"{"prepared":{"_0":{"status":"ok","stages":[],"isCold":false,"work":{"flops":1e31,"minimumBytes":1,"strategyBytes":1}}}}"#,
            #"{"windowDone":{"begin":1,"end":2,"iterations":-1}}"#, #"{"clock":{"_0":{"secondsPerTick":0}}}"#, "", "[]",
            "{",
            #"{"sampled":{}}"#, #"{"windowDone":{"begin":1,"end":2,"iterations":1.5}}"#,
        ])
    func impossible(line: String) {
        #expect(WorkerLine.refusal(ofAnswer: line)?.code == .worker)
        #expect(WorkerLine.refusal(ofAnswer: #"{"done":{}}"#) == nil)
    }

    /// A run whose workers say one thing in the place of another.
    private func run(
        _ request: ProfileRequest = request(), saying answer: @escaping @Sendable (_ request: String) -> String?
    ) throws -> RunRecord {
        let script = ScriptedWorker.Script(try Self.conversation.get())
        let chance = ScriptedWorker.Chance(SeededGenerator(seed: 1, purpose: "order"), rarity: .max)
        return try WorkerStart.$current.withValue(
            WorkerStart { _, _ throws(ChildProcess.Failure) in ScriptedWorker(script, chance, saying: answer) },
            operation: { try request.run() })
    }

    @Test("times that have not passed, other samples than were asked for, and windows of another time are not believed")
    func lies() throws {
        func seconds(_ text: String) -> String {
            #"{"sampled":{"_0":{"hostSeconds":\#(text),"stageSeconds":[],"waitSeconds":[],"controlSeconds":[]}}}"#
        }
        for lie in [seconds("[2.5]"), seconds("[]"), seconds("[1e-6,1e-6]")] {
            let run = try run {
                $0.hasPrefix("{\"sample\"") && Conversation.text(of: "repetitions", in: $0) == "1" ? lie : nil
            }
            #expect(run.measurements.allSatisfy { $0.status == .failed && $0.message?.contains("nonsense") == true })
            #expect(run.devices.first?.peaks?.flopsPerSecond == nil)
        }
        let window = try run {
            $0.hasPrefix("{\"window\"") ? #"{"windowDone":{"begin":1,"end":2,"iterations":9}}"# : nil
        }
        #expect(window.devices.first?.dispatch == nil)
    }

    @Test("a device that hangs three times is given up, and says so")
    func givenUp() throws {
        var request = Self.request()
        request.selection.precisions = [.f32, .f16, .bf16]
        let run = try run(request) { $0.hasPrefix("{\"prepare\"") && $0.contains("swiglu") ? "hang" : nil }
        #expect(run.measurements.count == 6 && run.measurements.allSatisfy { $0.status == .failed })
        let reasons = run.measurements.compactMap(\.message)
        #expect(reasons.count { $0.contains("no answer within") } == 3, "\(reasons)")
        #expect(reasons.count { $0.contains("was given up") } == 3, "\(reasons)")
    }

    @Test("whatever a worker is asked, it is a request or none")
    func requests() throws {
        let requests = Set(try Self.conversation.get().requests).sorted().map { MessageMutation($0) }
        var taken = 0, refused = 0
        try FuzzCampaign("requests", count: Self.isLong ? 1_000_000 : 10_000).run { generator, _ in
            if WorkerLine.isRequest(generator.element(of: requests).mutated(by: &generator)) {
                taken += 1
            } else {
                refused += 1
            }
        }
        InjectedFaults.tell("requests to workers, \(refused) of them refused", count: taken + refused)
        #expect(taken > refused / 20 && refused > taken / 20)
    }

    @Test("whatever workers say, a run comes to its end, and its result can be written and read")
    func runs() throws {
        let script = ScriptedWorker.Script(try Self.conversation.get())
        var finished = 0, refused = 0
        var statuses: [MeasurementStatus: Int] = [:]
        try FuzzCampaign("runs", count: Self.isLong ? 20_000 : 60).run { generator, number in
            let chance = ScriptedWorker.Chance(generator, rarity: [3, 10, 30, 100][number % 4])
            do {
                let begin = ContinuousClock.now
                let run = try WorkerStart.$current.withValue(
                    WorkerStart { _, _ throws(ChildProcess.Failure) in ScriptedWorker(script, chance) },
                    operation: { try Self.request().run() })
                finished += 1
                for measurement in run.measurements { statuses[measurement.status, default: 0] += 1 }
                let text = try RunFile.text(of: run)
                _ = try RunFile.decode(Array(text.utf8), name: "\(number)")
                #expect(begin.duration(to: .now) < .seconds(60), "\(number)")
            } catch let error as ProfilingError {
                refused += 1
                check(error, [.worker, .noSuchDevice, .hung], number)
            }
        }
        InjectedFaults.tell(
            "runs with strange workers, \(refused) refused, else \(statuses)", count: finished + refused)
        #expect(statuses[.ok, default: 0] > 0 && statuses[.failed, default: 0] > 0)
    }

    @Test("whatever a worker is asked, it answers and goes on, or ends in order")
    func worker() throws {
        let conversation = try Self.conversation.get()
        let opening = try #require(conversation.requests.first { $0.hasPrefix("{\"open\"") })
        let requests = Set(conversation.requests).sorted().map { MessageMutation($0) }
        let executable = ProgramUnderTest.path
        var worker: WorkerProcess?
        var answered = 0, ended = 0
        try FuzzCampaign("worker", count: Self.isLong ? 20_000 : 150).run { generator, number in
            var line = ""
            repeat { line = generator.element(of: requests).mutated(by: &generator) } while !Self.isCheap(line)
            let current: WorkerProcess
            if let worker {
                current = worker
            } else {
                current = try WorkerProcess(executable: executable, memoryLimit: 4 << 30)
                current.send(line: opening)
                _ = try current.readLine(deadline: MonotonicClock.now() + 60) { false }
                worker = current
            }
            current.send(line: line)
            do throws(ChildProcess.Failure) {
                let answer = try current.readLine(deadline: MonotonicClock.now() + 60) { false }
                answered += 1
                #expect(WorkerLine.refusal(ofAnswer: answer) == nil, "\(number): \(line.prefix(300)): \(answer)")
                guard !answer.hasPrefix("{\"lost\"") else {
                    worker = nil
                    return
                }
            } catch {
                #expect(error == .closed, "\(number): \(line.prefix(300))")
                let end = current.waitForEnd(seconds: 10)
                #expect(
                    [.exited(status: 0), .exited(status: 1)].contains(end),
                    "\(number): \(end) \(current.lastErrorLine ?? ""): \(line.prefix(300))")
                ended += 1
                worker = nil
            }
        }
        InjectedFaults.tell("requests that a worker was sent, \(ended) the last of one", count: answered + ended)
        #expect(answered > 0 && ended > 0)
    }

    /// What a worker would do for minutes, or with more memory than this machine may have to spare, is left out. Looked
    /// for in the text: of a key that is there twice, readers do not all take the same.
    private static func isCheap(_ line: String) -> Bool {
        func numbers(_ text: Substring) -> [Double] {
            text.split { !($0.isNumber || "+-.eE".contains($0)) }.compactMap { Double($0) }
        }
        if line.contains("\"sample\"") { return !numbers(line[...]).contains { $0 > 500 && $0 < 2e6 } }
        if line.contains("\"window\"") { return !numbers(line[...]).contains { $0 > 0.1 && $0 < 1e5 } }
        let parameters = line.split(separator: "\"parameters\"").dropFirst().map { $0.prefix { $0 != "}" } }
        return !parameters.flatMap(numbers).contains { abs($0) > 1024 && abs($0) < 1e17 }
    }
}

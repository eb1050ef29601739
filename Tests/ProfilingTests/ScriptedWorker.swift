import Foundation
import Platform
import Profiling
import Statistics
import Synchronization
import TestSupport

/// What was said between this program and its workers: each request, and each kind of answer with the requests that it
/// was given to.
final class Conversation: Sendable {
    private let lines = Mutex<(requests: [String], answers: [String: [String]])>(([], [:]))

    var requests: [String] { lines.withLock { $0.requests } }
    var answers: [String: [String]] { lines.withLock { $0.answers } }

    func note(request: String, answer: String) {
        lines.withLock { lines in
            lines.requests.append(request)
            lines.answers[Self.kind(of: request), default: []].append(answer)
        }
    }

    /// Requests of one kind are answered alike.
    static func kind(of request: String) -> String {
        let words = request.split(separator: "\"", maxSplits: 2)
        let kind = words.count > 1 ? String(words[1]) : ""
        let names = ["backend", "family", "strategy"].compactMap { text(of: $0, in: request) }
        return ([kind] + names).joined(separator: " ")
    }

    /// The text or number that stands for a key.
    static func text(of key: String, in request: String) -> String? {
        guard let place = request.range(of: "\"\(key)\":") else { return nil }
        let rest = request[place.upperBound...]
        return rest.first == "\""
            ? String(rest.dropFirst().prefix { $0 != "\"" }) : String(rest.prefix { $0.isNumber || $0 == "-" })
    }
}

/// A worker that is listened to.
final class RecordedWorker: WorkerLink {
    private let worker: WorkerProcess
    private let conversation: Conversation
    private var request = ""

    init(_ worker: WorkerProcess, _ conversation: Conversation) {
        self.worker = worker
        self.conversation = conversation
    }

    func send(line: String) {
        request = line
        worker.send(line: line)
    }

    func readLine(deadline: Double, isCancelled: () -> Bool) throws(ChildProcess.Failure) -> String {
        let answer = try worker.readLine(deadline: deadline, isCancelled: isCancelled)
        conversation.note(request: request, answer: answer)
        return answer
    }

    func endInput() { worker.endInput() }

    func terminate() { worker.terminate() }

    func waitForEnd(seconds: Double) -> ChildProcess.End { worker.waitForEnd(seconds: seconds) }

    var lastErrorLine: String? { worker.lastErrorLine }
}

/// A worker that takes its answers from a conversation, and now and then says something else.
final class ScriptedWorker: WorkerLink {
    /// Answers as they were given, ready to be changed, by the kind of the request.
    struct Script: Sendable {
        fileprivate let answers: [String: [(text: String, mutation: MessageMutation)]]

        init(_ conversation: Conversation) {
            answers = conversation.answers.mapValues { $0.map { ($0, MessageMutation($0)) } }
        }
    }

    /// What its workers draw from, in the order in which they are asked.
    final class Chance: Sendable {
        private let generator: Mutex<SeededGenerator>
        /// One answer in so many is changed.
        private let rarity: Int

        init(_ generator: SeededGenerator, rarity: Int) {
            self.generator = Mutex(generator)
            self.rarity = rarity
        }

        func draw<Value: Sendable>(_ body: @Sendable (inout SeededGenerator) -> Value) -> Value {
            generator.withLock { body(&$0) }
        }

        var isChanged: Bool { draw { [rarity] in $0.below(rarity) == 0 } }
    }

    private let script: Script
    private let chance: Chance
    private let saying: @Sendable (String) -> String?
    private var request = ""

    /// - Parameter saying: what it answers whatever the script says; `hang`: nothing; `nil`: what the script says.
    init(_ script: Script, _ chance: Chance, saying: @escaping @Sendable (_ request: String) -> String? = { _ in nil })
    {
        self.script = script
        self.chance = chance
        self.saying = saying
    }

    func send(line: String) { request = line }

    func readLine(deadline: Double, isCancelled: () -> Bool) throws(ChildProcess.Failure) -> String {
        if let own = saying(request) {
            guard own != "hang" else { throw .deadline }
            return own
        }
        if chance.isChanged {
            switch chance.draw({ $0.below(20) }) {
            case 0: throw .closed
            case 1: throw .deadline
            case 2: throw .endless
            default: break
            }
            let (answer, mutation) = answer()
            let changes = mutation ?? MessageMutation(answer)
            return chance.draw { changes.mutated(by: &$0) }
        }
        return answer().text
    }

    /// Times are made anew: they must lie between the request and its answer.
    private func answer() -> (text: String, mutation: MessageMutation?) {
        let kind = Conversation.kind(of: request)
        if kind.hasPrefix("sample") { return (samples(), nil) }
        if kind.hasPrefix("window") {
            let now = MonotonicClock.now()
            return (#"{"windowDone":{"begin":\#(now),"end":\#(MonotonicClock.now()),"iterations":7}}"#, nil)
        }
        let known = script.answers[kind] ?? []
        guard !known.isEmpty else { return (#"{"failed":{"reason":"nobody has said that"}}"#, nil) }
        let (text, mutation) = known[chance.draw { $0.below(known.count) }]
        return (text, mutation)
    }

    private func samples() -> String {
        let count = Conversation.text(of: "repetitions", in: request).flatMap { Int($0) } ?? 1
        let times = chance.draw { generator in
            (0..<count).map { _ in "\(1e-6 * (1 + 0.01 * generator.uniform()))" }.joined(separator: ",")
        }
        let stages = request.contains("\"stages\":true") ? "[\(times)],[\(times)]" : ""
        let hasControls = request.contains("\"controls\":[-")
        return #"{"sampled":{"_0":{"hostSeconds":[\#(times)],"stageSeconds":[\#(stages)],"waitSeconds":[\#(times)],"#
            + #""stealSeconds":0,"controlSeconds":[\#(hasControls ? "[1e-6,1e-6],[1e-6,1e-6]" : "")]}}}"#
    }

    func endInput() {}

    func terminate() {}

    func waitForEnd(seconds: Double) -> ChildProcess.End { .exited(status: 1) }

    var lastErrorLine: String? { "last words" }
}

import Kernels
import Models
import Results
import TestSupport
import Testing

@Suite("Definitions of models")
struct DefinitionTests {
    /// A model of one layer, with parts of it replaced.
    private static func model(
        config: String = #""hidden": 64"#,
        layer: String =
            #"{"name": "product", "family": "matmul", "shape": {"M": "rows", "N": "hidden", "K": "hidden"}}"#
    ) -> String {
        #"{"model": "own", "summary": "s", "source": "made up", "contextLimit": 100, "config": {\#(config)}, "layers": [\#(layer)]}"#
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        let names: [String]
    }

    static let bad = [
        Bad(
            testDescription: "a family that there is not", text: model(layer: #"{"name": "a", "family": "matmull"}"#),
            names: ["own/model.json", "layers[0].family", "'matmull'", "matmul"]),
        Bad(
            testDescription: "a parameter that the family has not",
            text: model(layer: #"{"name": "a", "family": "swiglu", "shape": {"T": 1, "L": 2}}"#),
            names: ["own/model.json", "layers[0].shape.L", "T, D"]),
        Bad(
            testDescription: "a value that is computed from itself",
            text: model(config: #""hidden": "width + 1", "width": "2 * hidden""#),
            names: ["own/model.json", "config.hidden", "hidden → width → hidden"]),
        Bad(
            testDescription: "no layers", text: model(layer: ""),
            names: ["own/model.json", "layers", "at least one"]),
        Bad(
            testDescription: "a layer that occurs never",
            text: model(layer: #"{"name": "a", "family": "swiglu", "count": "hidden - 64", "shape": {"T": 1}}"#),
            names: ["own/model.json", "layers[0].count", "above 0"]),
        Bad(
            testDescription: "half a layer",
            text: model(layer: #"{"name": "a", "family": "swiglu", "count": 2.5, "shape": {"T": 1}}"#),
            names: ["own/model.json", "layers[0].count", "2.5", "whole number"]),
        Bad(
            testDescription: "more layers than can be counted",
            text: model(layer: #"{"name": "a", "family": "swiglu", "count": 1e300, "shape": {"T": 1}}"#),
            names: ["own/model.json", "layers[0].count"]),
        Bad(
            testDescription: "layers that are not there in a phase",
            text: model(layer: #"{"name": "a", "family": "swiglu", "when": "1 - prefill", "shape": {"T": 1}}"#),
            names: ["own/model.json", "layers", "prefill"]),
        Bad(
            testDescription: "fewer weights than none",
            text: model(layer: #"{"name": "a", "family": "swiglu", "shape": {"T": 1, "D": 8}, "weights": "0 - D"}"#),
            names: ["own/model.json", "layers[0].weights", "0 or more"]),
        Bad(
            testDescription: "a limit below one token",
            text: model().replacing("100", with: "-5"), names: ["own/model.json", "contextLimit", "-5"]),
        Bad(
            testDescription: "a name that nothing gives",
            text: model(layer: #"{"name": "a", "family": "swiglu", "shape": {"T": "rows", "D": "widht"}}"#),
            names: ["own/model.json", "layers[0].shape.D", "'widht'"]),
        Bad(
            testDescription: "a size out of range",
            text: model(layer: #"{"name": "a", "family": "attention", "shape": {"D": 300}}"#),
            names: ["own/model.json", "layers[0]", "D=300"]),
        Bad(
            testDescription: "a name that the command line gives", text: model(config: #""batch": 3"#),
            names: ["own/model.json", "config.batch"]),
        Bad(testDescription: "no JSON", text: "model", names: ["own/model.json", "JSON"]),
    ]

    @Test("what is wrong is said on one line that names file and key", arguments: bad)
    func refused(_ bad: Bad) throws {
        let folder = try ModelFolder(["own/model.json": bad.text])
        let error = #expect(throws: KernelError.self) {
            let library = try folder.library()
            _ = try ModelPlan(
                try library.model("own"), nil, ModelRequest.short, library: library, catalogue: try .shared())
        }
        let message = try #require(error?.description)
        #expect(!message.contains("\n"))
        for name in bad.names { #expect(message.contains(name), "\(message)") }
    }

    @Test("a context beyond the model's is refused with the file and the limit")
    func contextLimit() throws {
        let folder = try ModelFolder(["own/model.json": Self.model()])
        let library = try folder.library()
        var request = ModelRequest()
        request.contexts = [100, 101]
        let error = #expect(throws: KernelError.self) {
            _ = try ModelPlan(try library.model("own"), nil, request, library: library, catalogue: try .shared())
        }
        let message = try #require(error?.description)
        for name in ["own/model.json", "contextLimit", "100", "101"] { #expect(message.contains(name), "\(message)") }
    }

    @Test("a built-in model is never replaced, and a folder without models is no folder of models")
    func folders() throws {
        let clash = try ModelFolder(["gpt2-small/model.json": Self.model()])
        #expect(throws: KernelError.self) { _ = try clash.library() }
        let empty = try ModelFolder(["notes.txt": ""])
        #expect(throws: KernelError.self) { _ = try empty.library() }
    }

    struct BadLadder: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let rungs: String
        let names: [String]
    }

    private static let start = #"{"rung": "a", "title": "a", "kind": "start"}"#
    static let badLadders = [
        BadLadder(testDescription: "no rungs", rungs: "", names: ["rungs", "at least one"]),
        BadLadder(
            testDescription: "a rung on one that comes later",
            rungs: start + #", {"rung": "b", "title": "b", "kind": "keeps", "on": "c"}"#,
            names: ["rungs[1].on", "'c'"]),
        BadLadder(
            testDescription: "a strategy that there is not",
            rungs: #"{"rung": "a", "title": "a", "kind": "start", "kernels": {"attention": {"strategy": "flesh"}}}"#,
            names: ["rungs[0].kernels.attention", "'flesh'", "flash"]),
        BadLadder(
            testDescription: "a part that the model has not",
            rungs: #"{"rung": "a", "title": "a", "kind": "start", "replace": {"memory": []}}"#,
            names: ["rungs[0].replace.memory", "'memory'"]),
        BadLadder(
            testDescription: "a parameter that a family has not",
            rungs:
                #"{"rung": "a", "title": "a", "kind": "start", "kernels": {"matmul": {"shape": {"bitz": 8}}}}"#,
            names: ["rungs[0].kernels.matmul.shape.bitz", "'bitz'"]),
        BadLadder(
            testDescription: "a claim of which nobody says whether it was read",
            rungs: start
                + #", {"rung": "b", "title": "b", "kind": "keeps", "otherClaims": [{"text": "t", "source": "s"}]}"#,
            names: ["rungs[1].otherClaims[0]", "'read'", "'unconfirmed'"]),
        BadLadder(
            testDescription: "an exit by a strategy that there is not",
            rungs: start
                + #", {"rung": "b", "title": "b", "kind": "replaces", "exits": {"parts": [""], "after": [{"depth": 0.5, "tokens": 1}], "measured": {"strategy": "compact", "baseline": "full-depth", "shape": {"T": "rows"}}}}"#,
            names: ["rungs[1].exits.measured", "'compact'", "compacted"]),
        BadLadder(
            testDescription: "a claim of nothing",
            rungs: start
                + #", {"rung": "b", "title": "b", "kind": "keeps", "claim": {"factor": 0, "text": "t", "source": "s", "read": "r"}}"#,
            names: ["rungs[1].claim.factor", "above 0"]),
        BadLadder(
            testDescription: "exits of more tokens than there are",
            rungs: start
                + #", {"rung": "b", "title": "b", "kind": "replaces", "exits": {"parts": [], "after": [{"depth": 0.5, "tokens": 0.7}, {"depth": 1, "tokens": 0.7}]}}"#,
            names: ["rungs[1].exits.after", "1.4"]),
    ]

    @Test("what is wrong with a ladder names file and key", arguments: badLadders)
    func refusedLadders(_ bad: BadLadder) throws {
        let text = #"{"ladder": "own", "summary": "s", "rungs": [\#(bad.rungs)]}"#
        let folder = try ModelFolder(["own/model.json": Self.model(), "ladders/own.json": text])
        let error = #expect(throws: KernelError.self) {
            let library = try folder.library()
            _ = try ModelPlan(
                try library.model("own"), try library.ladder("own"), ModelRequest.short, library: library,
                catalogue: try .shared())
        }
        let message = try #require(error?.description)
        for name in ["ladders/own.json"] + bad.names { #expect(message.contains(name), "\(message)") }
    }
}

extension ModelRequest {
    /// A context that every model of these tests reads.
    static var short: ModelRequest {
        var request = ModelRequest()
        request.contexts = [32]
        return request
    }
}

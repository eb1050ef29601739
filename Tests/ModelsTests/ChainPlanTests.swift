import Kernels
import Models
import Results
import TestSupport
import Testing

@Suite("Blocks of models in a row")
struct ChainPlanTests {
    private static func plan(
        _ model: String, ladder: String? = nil, blocks: Int, library: ModelLibrary? = nil
    ) throws -> ModelPlan {
        let library = try library ?? ModelLibrary.builtIn.adding(directory: ModelFolder.fixtures)
        var request = ModelRequest.short
        request.chainedBlocks = blocks
        return try ModelPlan(
            try library.model(model), try ladder.map { try library.ladder($0) }, request, library: library,
            catalogue: try .shared())
    }

    @Test("every layer of a block reads what the layers before it wrote; the first block's inputs are generated")
    func block() throws {
        let chain = try #require(try Self.plan("tiny", blocks: 1).chains.first?.chain)
        let names = chain.links.map(\.name)
        #expect(
            names == [
                "attention norm", "queries, keys, values", "heads and cache", "attention", "merged heads",
                "attention output", "feed-forward norm", "gate", "up", "activation", "down",
            ])
        let sources = chain.links.map { link in link.reads.mapValues { "\(names[$0.link]).\($0.tensor)" } }
        #expect(sources[0].isEmpty)
        #expect(sources[3] == ["q": "heads and cache.q", "k": "heads and cache.k", "v": "heads and cache.v"])
        // A part is its last layer.
        #expect(sources[6] == ["x": "attention output.c", "residual": "attention norm.residual_out"])
        #expect(sources[9] == ["gate": "gate.c", "up": "up.c"])
    }

    @Test("a second block reads the first, and after all blocks come the last norm and the logits")
    func wholeModel() throws {
        let planned = try #require(try Self.plan("tiny", blocks: 9).chains.first)
        let chain = try #require(planned.chain)
        #expect(planned.blocks == 2 && chain.links.count == 2 * 11 + 2)
        #expect(Set(chain.links.map(\.name)).count == chain.links.count)
        #expect(chain.links[11].reads["x"] == Chain.Source(link: 10, tensor: "c"))
        #expect(chain.links[11].reads["residual"] == Chain.Source(link: 6, tensor: "residual_out"))
        #expect(chain.links.suffix(2).map(\.workload.family) == ["rmsnorm-residual", "matmul"])
        #expect(chain.links[22].reads["x"] == Chain.Source(link: 21, tensor: "c"))
    }

    @Test("built-in models say who reads what, in every phase", arguments: ModelLibrary.builtIn.modelNames)
    func builtIn(name: String) throws {
        var request = ModelRequest.short
        request.chainedBlocks = 1
        request.phases = ModelPhase.allCases
        let library = ModelLibrary.builtIn
        let plan = try ModelPlan(try library.model(name), nil, request, library: library, catalogue: try .shared())
        // A hybrid's layers are not all in every block.
        let expected = name == "bamba-9b" ? 0 : 2
        #expect(plan.chains.count == expected)
        for chain in plan.chains.compactMap(\.chain) where chain.links[0].workload.parameters["D"] ?? 0 <= 1024 {
            _ = try ChainProblem(chain, catalogue: .shared())
        }
    }

    @Test("each rung of the ladder is chained, or says what cannot be")
    func ladder() throws {
        let plan = try Self.plan("gpt2-small", ladder: "hundredfold", blocks: 1)
        let points = plan.composed(from: nil).points
        #expect(points.count == 12)
        // Sparse weights lie on the other side of the product.
        let missing = Set(points.compactMap(\.rung)).subtracting(
            plan.chains.map { $0.strategy.split(separator: "/")[1].description })
        #expect(missing == ["two-four"])
    }

    @Test("what a layer cannot read names file and key")
    func refused() throws {
        func library(_ reads: String) throws -> ModelFolder {
            try ModelFolder([
                "own/model.json": """
                {"model": "own", "summary": "s", "source": "made up", "config": {"layers": 2, "hidden": 64}, "layers": [
                 {"name": "product", "family": "matmul", "count": "layers", "shape": {"M": "rows", "N": "hidden", "K": "hidden"},
                  "reads": \(reads)}]}
                """
            ])
        }
        for (reads, texts) in [
            (#"{"q": "product"}"#, ["layers[0].reads.q", "a, b"]),
            (#"{"a": "norm"}"#, ["layers[0].reads.a", "'norm'"]),
        ] {
            let folder = try library(reads)
            let error = #expect(throws: KernelError.self) {
                _ = try Self.plan("own", blocks: 1, library: try folder.library())
            }
            for text in ["own/model.json"] + texts {
                #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
            }
        }
    }
}

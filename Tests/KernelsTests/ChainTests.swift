import Kernels
import TestSupport
import Testing

@Suite("Kernels in a row")
struct ChainTests {
    private static func product(
        _ name: String, rows: Int = 5, inputs: Int, outputs: Int, reads: [String: Chain.Source] = [:],
        bits: Int = 0, strategy: String = "f32"
    ) -> Chain.Link {
        let parameters = ["M": rows, "K": inputs, "N": outputs, "bits": bits]
        return Chain.Link(
            name: name, workload: WorkloadCase(family: "matmul", parameters: parameters), strategy: strategy,
            reads: reads, exact: WorkloadCase(family: "matmul", parameters: parameters.merging(["bits": 0]) { $1 }))
    }

    private static func plan(_ problem: ChainProblem) throws -> StrategyPlan {
        let limits = sampleLimits(backend: "opencl")
        return try problem.plan(
            try zip(problem.chain.links, problem.problems).map { link, own in
                try Catalogue.shared().strategy(link.strategy, of: own.family).plan(
                    family: own.family, parameters: own.parameters, precision: own.precision, limits: limits)
            })
    }

    @Test("a link reads what another has written, and nothing between them is an input or an output")
    func sharing() throws {
        let chain = Chain(links: [
            Self.product("first", inputs: 32, outputs: 64),
            Self.product("second", inputs: 64, outputs: 32, reads: ["a": Chain.Source(link: 0, tensor: "c")]),
        ])
        let plan = try Self.plan(try ChainProblem(chain, catalogue: .shared()))
        #expect(plan.inputs.map(\.name) == ["first/a", "first/b", "second/b"])
        #expect(plan.outputs.map(\.name) == ["second/c"])
        #expect(plan.intermediates.map(\.name) == ["first/c"])
        #expect(plan.stageNames == ["first/product", "second/product"])
    }

    @Test("the expected outputs are those of the products one after the other, in float64 from end to end")
    func oracle() throws {
        let chain = Chain(links: [
            Self.product("first", inputs: 32, outputs: 64),
            // The first three rows of five: what is smaller reads the first elements.
            Self.product("second", rows: 3, inputs: 64, outputs: 2, reads: ["a": Chain.Source(link: 0, tensor: "c")]),
        ]).seeded(3)
        let problem = try ChainProblem(chain, catalogue: .shared())
        let found = try problem.expectedOutputs()
        let (a, b) = (problem.problems[0].inputs["a"]?.doubles ?? [], problem.problems[0].inputs["b"]?.doubles ?? [])
        let w = problem.problems[1].inputs["b"]?.doubles ?? []
        for row in 0..<3 {
            for column in 0..<2 {
                var sum = 0.0
                for middle in 0..<64 {
                    let inner = (0..<32).reduce(0.0) { $0 + a[row * 32 + $1] * b[$1 * 64 + middle] }
                    sum += inner * w[middle * 2 + column]
                }
                let value = try #require(found["second/c"])[row * 2 + column]
                #expect(abs(value - sum) < 1e-12)
            }
        }
        // Weights of two links of one shape are not the same numbers.
        let same = Chain(links: [
            Self.product("x", inputs: 32, outputs: 32), Self.product("y", inputs: 32, outputs: 32),
        ])
        let twins = try ChainProblem(same.seeded(1), catalogue: .shared()).problems
        #expect(twins[0].inputs["b"] != twins[1].inputs["b"])
    }

    @Test("what it stands for has the same numbers before they were stored in 4 bits")
    func exact() throws {
        let chain = Chain(links: [Self.product("only", inputs: 32, outputs: 8, bits: 4, strategy: "q4")]).seeded(1)
        let (rounded, exact) = (
            try ChainProblem(chain, catalogue: .shared()), try ChainProblem(chain.exact, catalogue: .shared())
        )
        #expect(rounded.problems[0].inputs["a"] == exact.problems[0].inputs["a"])
        let (few, many) = (rounded.problems[0].inputs["b"]?.doubles ?? [], exact.problems[0].inputs["b"]?.doubles ?? [])
        let differences = zip(few, many).map { abs($0 - $1) }
        let largest = many.map(abs).max() ?? 0
        // Half a step of sixteen over the largest of a block, at most.
        #expect(differences.max() ?? 0 > 0 && differences.max() ?? 1 <= largest / 8)
    }

    @Test("what does not fit is refused with both shapes, and what is fed in another form with the strategy")
    func refused() throws {
        let tooLarge = Chain(links: [
            Self.product("first", rows: 2, inputs: 32, outputs: 64),
            Self.product("second", rows: 5, inputs: 64, outputs: 32, reads: ["a": Chain.Source(link: 0, tensor: "c")]),
        ])
        let error = #expect(throws: KernelError.self) { _ = try ChainProblem(tooLarge, catalogue: .shared()) }
        for text in ["second", "first", "[5, 64]", "[2, 64]"] { #expect(error?.description.contains(text) == true) }

        let packed = Chain(links: [
            Self.product("first", inputs: 32, outputs: 64),
            Self.product(
                "second", inputs: 64, outputs: 32, reads: ["a": Chain.Source(link: 0, tensor: "c")], bits: 8,
                strategy: "q8"),
        ])
        let other = #expect(throws: KernelError.self) {
            _ = try Self.plan(try ChainProblem(packed, catalogue: .shared()))
        }
        #expect(other?.code == .unavailable && other?.description.contains("matmul/q8") == true)
    }

    @Test("what is updated in place is one buffer, an input of the chain and never poisoned, whoever reads it")
    func inPlace() throws {
        let shape = ["B": 1, "L": 1, "Hq": 2, "Hkv": 2, "D": 16, "positions": 4, "rotated": 16]
        let attention = ["B": 1, "Hq": 2, "Hkv": 2, "Lq": 1, "Lk": 4, "D": 16, "causal": 1]
        let links = [
            Chain.Link(
                name: "heads", workload: WorkloadCase(family: "rotary-append", parameters: shape), strategy: "fused",
                reads: [:], exact: WorkloadCase(family: "rotary-append", parameters: shape)),
            Chain.Link(
                name: "attention", workload: WorkloadCase(family: "attention", parameters: attention),
                strategy: "flash", reads: ["q": .init(link: 0, tensor: "q"), "k": .init(link: 0, tensor: "k")],
                exact: WorkloadCase(family: "attention", parameters: attention)),
        ]
        let plan = try Self.plan(try ChainProblem(Chain(links: links), catalogue: .shared()))
        let all = (plan.ends + plan.intermediates).map(\.name)
        #expect(Set(all).count == all.count)
        #expect(plan.inputs.map(\.name).contains("heads/k") && !plan.intermediates.map(\.name).contains("heads/k"))
        // Nobody reads the values: they are an output that is an input too.
        #expect(plan.isUpdated("heads/v") && !plan.isUpdated("heads/q"))
    }
}

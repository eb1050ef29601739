/// Kernels in a row, of which later ones read what earlier ones wrote: a block of a model as one piece of work.
public struct Chain: Codable, Hashable, Sendable {
    /// What results say in place of a family.
    public static let family = "chain"

    /// An output of an earlier link.
    public struct Source: Codable, Hashable, Sendable {
        /// Its place among the links.
        public var link: Int
        public var tensor: String

        public init(link: Int, tensor: String) {
            self.link = link
            self.tensor = tensor
        }
    }

    /// A kernel with what it reads of others.
    public struct Link: Codable, Hashable, Sendable {
        /// Unlike that of any other link.
        public var name: String
        public var workload: WorkloadCase
        public var strategy: String
        /// Inputs that are outputs of earlier links; one that is smaller reads the first elements. The rest is
        /// generated.
        public var reads: [String: Source]
        /// What it stands for, of the same family: the workload before its numbers had fewer bits.
        public var exact: WorkloadCase

        public init(
            name: String, workload: WorkloadCase, strategy: String, reads: [String: Source], exact: WorkloadCase
        ) {
            self.name = name
            self.workload = workload
            self.strategy = strategy
            self.reads = reads
            self.exact = exact
        }

        /// What a chain calls one of its tensors.
        func scoped(_ tensor: String) -> String { "\(name)/\(tensor)" }
    }

    public var links: [Link]

    public init(links: [Link]) { self.links = links }

    public var precision: Precision { links.first?.workload.precision ?? .f32 }

    /// The same with other generated inputs; no two links have the same numbers.
    public func seeded(_ seed: UInt64) -> Chain {
        var copy = self
        for index in links.indices {
            let own = seed &* 4096 &+ UInt64(index)
            copy.links[index].workload.seed = own
            copy.links[index].exact.seed = own
        }
        return copy
    }

    /// The chain that it stands for, with numbers of 32 bits.
    public var exact: Chain {
        var copy = self
        for index in links.indices { copy.links[index].workload = links[index].exact }
        return copy
    }

    /// Where a tensor of a link lies: in the output that it reads, or in a buffer of its own.
    func place(of tensor: String, in link: Link) -> String {
        guard let source = link.reads[tensor] else { return link.scoped(tensor) }
        return links[source.link].scoped(source.tensor)
    }

    /// Whether a later link reads an output.
    func isRead(_ tensor: String, of index: Int) -> Bool {
        links.contains { $0.reads.values.contains(Source(link: index, tensor: tensor)) }
    }
}

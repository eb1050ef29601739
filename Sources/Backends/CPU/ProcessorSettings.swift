/// How the CPU backend uses the host's processor.
public struct ProcessorSettings: Codable, Sendable, Equatable {
    /// The instruction set that stages use; `nil` takes the widest that the processor has.
    public var isa: InstructionSet?
    /// Threads, each on a core of its own; `nil` starts one a physical core.
    public var threadCount: Int?
    /// Puts every buffer between pages that may not be touched: for tests of kernels.
    public var guardsMemory = false
    /// What kernels are told of a core's second-level cache, in place of what it has: for tests of kernels.
    public var secondLevelCacheBytes: Int?

    public init(isa: InstructionSet? = nil, threadCount: Int? = nil) {
        self.isa = isa
        self.threadCount = threadCount
    }

    /// Nothing is asked for.
    public var isDefault: Bool { self == ProcessorSettings() }

    /// ``isa``, or the widest here.
    ///
    /// - Throws: ``BackendError`` with code `missing` that names what the processor has.
    func instructionSet() throws(BackendError) -> InstructionSet {
        guard let isa else { return .widest }
        guard isa.isSupported else {
            let names = InstructionSet.supported.map(\.rawValue).joined(separator: ", ")
            throw BackendError(.missing, "this processor does not run \(isa.rawValue); it runs \(names)")
        }
        return isa
    }

    /// The topology of the host, with as many cores as there are to be threads.
    ///
    /// - Throws: ``BackendError`` with code `missing` when fewer cores may be used than threads are asked for.
    func topology() throws(BackendError) -> CPUTopology {
        var topology = CPUTopology.current()
        if let secondLevelCacheBytes { topology.secondLevelCacheBytes = secondLevelCacheBytes }
        guard let threadCount else { return topology }
        guard (1...topology.cores.count).contains(threadCount) else {
            throw BackendError(
                .missing,
                "\(threadCount) threads are asked for; this process may use 1 to \(topology.cores.count) cores")
        }
        topology.cores = Array(topology.cores.prefix(threadCount))
        return topology
    }

    /// Checks both without starting a thread.
    ///
    /// - Throws: ``BackendError`` with code `missing`.
    public func check() throws(BackendError) {
        _ = try instructionSet()
        _ = try topology()
    }
}

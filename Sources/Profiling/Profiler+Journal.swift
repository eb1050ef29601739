import FoundationEssentials
import Kernels
import Results

extension Profiler {
    /// Whether another run can go on with what this one has left.
    public var isResumable: Bool { journal?.holdsMeasurements == true }

    /// Forgets what was kept for another run to go on with: the result is written.
    public func removeJournal() { journal?.remove() }

    /// Keeps from now on what is measured, unless the run goes on in a journal already. A run whose folder takes no
    /// journal goes without.
    func beginJournal(at path: String) {
        guard journal == nil, let header = try? header() else { return }
        journal = RunJournal(beginning: header, at: path)
    }

    /// Takes up a run that was cut off.
    ///
    /// - Throws: ``ProfilingError`` with code `usage`, naming what is another one than then.
    func goOn(with journal: RunJournal) throws(ProfilingError) {
        self.journal = journal
        // What a search looks at later follows from what it saw at first.
        guard journal.look == 0 else { return }
        let before = journal.header
        if let changed = try header().difference(from: before) {
            throw ProfilingError(
                .usage, "the run cannot be resumed, since something else is here now than then: \(changed)")
        }
        record.startedAt = before.startedAt
        if let id = before.turns { record.turns?.id = id }
    }

    /// What of a run decides whether another can go on with it.
    private func header() throws(ProfilingError) -> RunJournal.Header {
        RunJournal.Header(
            tool: record.tool, base: base?.tool, folder: FileManager.default.currentDirectoryPath,
            startedAt: record.startedAt, turns: record.turns?.id, kernels: try kernelDigest(),
            inputs: try ProfilingError.mapping { try request.selection.inputDigest() },
            devices: devices.map { "\($0.id) \($0.name) \($0.driver)" }, tunables: chosenConfigurations())
    }

    /// Those that are not the defaults: what a search has found may differ from what was known then.
    private func chosenConfigurations() -> [String] {
        devices.flatMap { device in
            workloads(on: device).flatMap { planned in
                planned.strategies.filter { !$0.chosen.words.isEmpty }.map { strategy in
                    "\(strategy.family)/\(strategy.name) \(strategy.chosen.words) for \(planned.name) on \(device.id)"
                }
            }
        }
    }

    /// Of all kernels that this build could measure, and those that a user named for the base.
    private func kernelDigest() throws(ProfilingError) -> String {
        try ProfilingError.mapping {
            var digest = try catalogue.library.digest()
            if let folders = request.builds.baseKernelDirectories {
                digest += try KernelLibrary.builtIn(adding: folders).digest()
            }
            return digest
        }
    }
}

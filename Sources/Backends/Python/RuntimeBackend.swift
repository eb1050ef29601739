import Kernels
import Results

/// The devices of a runtime: another program, which speaks docs/worker-protocol.md.
public struct RuntimeBackend: Backend {
    private static let listingSeconds = 45.0

    private let launch: RuntimeLaunch
    private let processor: ProcessorSettings

    public var name: String { launch.backend }

    /// - Parameter processor: how many threads the runtime is told to use.
    public init(_ settings: RuntimeSettings, processor: ProcessorSettings = ProcessorSettings()) {
        self.init(.command(settings), processor: processor)
    }

    init(_ launch: RuntimeLaunch, processor: ProcessorSettings) {
        self.launch = launch
        self.processor = processor
    }

    public func devices() -> Result<[DeviceRecord], BackendError> {
        do throws(BackendError) {
            let listing: RuntimeMessages.Versioned<RuntimeMessages.Listing>
            // What ended the first process may have been no fault of its own.
            do throws(BackendError) { listing = try list() } catch {
                guard error.code == .lost else { throw error }
                listing = try list()
            }
            let topology = try processor.topology()
            return .success(
                try content(listing).devices.enumerated().map {
                    RuntimeDescription($1, backend: name, index: $0, topology: topology).record
                })
        } catch {
            return .failure(error)
        }
    }

    private func list() throws(BackendError) -> RuntimeMessages.Versioned<RuntimeMessages.Listing> {
        let runtime = try RuntimeProcess(launch)
        defer { runtime.close() }
        return try runtime.ask(
            "list", RuntimeMessages.List(), within: Self.listingSeconds,
            RuntimeMessages.Versioned<RuntimeMessages.Listing>.self)
    }

    public func open(index: Int) throws(BackendError) -> any Device {
        let topology = try processor.topology()
        let runtime = try RuntimeProcess(launch)
        let opened = try content(
            try runtime.ask(
                "open",
                RuntimeMessages.Open(
                    index: index, threads: topology.cores.count, kernels: launch.kernelDirectories),
                RuntimeMessages.Versioned<RuntimeMessages.Opened>.self))
        return PythonDevice(
            runtime, RuntimeDescription(opened.device, backend: name, index: index, topology: topology), opened)
    }

    /// What an answer says, if its version is ours.
    private func content<Content>(
        _ answer: RuntimeMessages.Versioned<Content>
    ) throws(BackendError) -> Content {
        if let content = answer.content { return content }
        throw BackendError(
            .missing,
            "\(launch.title) speaks version \(answer.protocolVersion) of the protocol, this build of joulemark version "
                + "\(RuntimeMessages.protocolVersion): take a runtime or a build of the other's version")
    }
}

import FoundationEssentials
import Glibc
import Kernels
import Platform
import Results

/// What a run has measured so far, in a file beside its result: what is on the disk need not be measured again,
/// whatever ends the run.
///
/// A line of JSON for each pass over the strategies of a workload, written through before the next one begins. A run
/// holds its journal locked, and the kernel takes that off with the process. The last line of a run that was killed may
/// be torn: it counts for nothing.
public final class RunJournal {
    /// Of the journal's lines: builds with other lines cannot go on with it.
    static let currentVersion = 2

    /// Where in the run a line belongs.
    struct Place: Codable, Hashable, Sendable {
        /// Which of a search's looks.
        var look = 0
        /// Of the processors, in the run's order.
        var processor: Int
        var pass: Int
        /// Of the workloads that are measured on it.
        var group: Int
    }

    private enum Line: Codable {
        case began(Header)
        /// By whose clock the lines up to the next such line were measured.
        case clock(RunClock)
        /// What was found of a processor's devices before anything was measured on them.
        case opened(Processor, devices: [DeviceRecord])
        case measured(Place, [[CandidateEvent]])
        /// The same devices as they stand in the result.
        case finished(Processor, devices: [DeviceRecord])
    }

    /// A processor in the run's order, as one of a search's looks found it.
    private struct Processor: Codable, Hashable {
        var look: Int
        var index: Int
    }

    public let path: String
    /// Which of a search's looks is being taken; a run that is none has but the first.
    var look = 0
    public let header: Header
    private let descriptor: CInt
    private let clock = RunClock.current()
    /// Of the lines that are being taken in.
    private var clockOfLines: RunClock?
    /// Whether anything is on the disk that need not be measured again.
    public private(set) var holdsMeasurements = false
    private var measured: [Place: [[CandidateEvent]]] = [:]
    private var opened: [Processor: [DeviceRecord]] = [:]
    private var finished: [Processor: [DeviceRecord]] = [:]
    /// False once a line could not be written: what follows would stand in the wrong place.
    private var isSound = true

    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return encoder
    }()

    private static let decoder: JSONDecoder = {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return decoder
    }()

    /// The journal of a result file.
    public static func path(ofResult file: String) -> String { "\(file).journal" }

    /// Begins a journal in place of what an earlier run left there.
    ///
    /// - Returns: `nil` where none can be written or another run is at it: the run then goes without.
    init?(beginning header: Header, at path: String) {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { return nil }
        let isTaken = Self.isTaken(descriptor)
        guard !isTaken, ftruncate(descriptor, 0) == 0 else {
            if !isTaken { unsafe _ = unlink(path) }
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        self.path = path
        self.header = header
        add(.began(header))
        add(.clock(clock))
    }

    /// Opens the journal of a run that was cut off, to go on with it.
    ///
    /// - Throws: ``ProfilingError`` with code `usage`: there is none, it is another's, or its run goes on.
    public init(resuming path: String) throws(ProfilingError) {
        let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            throw ProfilingError(
                .usage, "\(path): \(unsafe String(cString: strerror(errno))): there is no run to resume")
        }
        do throws(ProfilingError) {
            guard !Self.isTaken(descriptor) else {
                throw ProfilingError(.usage, "\(path): the run that it is of goes on")
            }
            guard let bytes = FileManager.default.contents(atPath: path) else {
                throw ProfilingError(.usage, "\(path): cannot be read")
            }
            var sound = 0
            var lines: [Line] = []
            for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
                guard let entry = try? Self.decoder.decode(Line.self, from: Data(line)) else { break }
                lines.append(entry)
                sound += line.count + 1
            }
            guard case .began(let header) = lines.first, header.version == Self.currentVersion else {
                throw ProfilingError(.usage, "\(path): is not the journal of a run that this build can go on with")
            }
            // What was torn goes, so that the next line begins where one has ended.
            guard ftruncate(descriptor, off_t(sound)) == 0, lseek(descriptor, 0, SEEK_END) >= 0 else {
                throw ProfilingError(.usage, "\(path): \(unsafe String(cString: strerror(errno)))")
            }
            self.descriptor = descriptor
            self.path = path
            self.header = header
            for line in lines { take(line) }
            holdsMeasurements = !measured.isEmpty
            add(.clock(clock))
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    /// Locks the file. Where the file system has no locks, nobody holds it.
    private static func isTaken(_ descriptor: CInt) -> Bool {
        flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    /// What happened to so many candidates; `nil` where that is still to be measured.
    func events(at place: Place, of count: Int) -> [[CandidateEvent]]? {
        measured[taken(place)].flatMap { $0.count == count ? $0 : nil }
    }

    /// Of a processor that was opened before; in their final form where it was gone through.
    func devices(of index: Int) -> [DeviceRecord]? { finished[processor(index)] ?? opened[processor(index)] }

    func isFinished(_ index: Int) -> Bool { finished[processor(index)] != nil }

    func noteOpened(_ index: Int, _ devices: [DeviceRecord]) { add(.opened(processor(index), devices: devices)) }

    func noteMeasured(_ place: Place, _ events: [[CandidateEvent]]) { add(.measured(taken(place), events)) }

    func noteFinished(_ index: Int, _ devices: [DeviceRecord]) {
        if !isFinished(index) { add(.finished(processor(index), devices: devices)) }
    }

    private func processor(_ index: Int) -> Processor { Processor(look: look, index: index) }

    private func taken(_ place: Place) -> Place {
        var place = place
        place.look = look
        return place
    }

    /// The result is written: nothing is left to resume.
    public func remove() { unsafe _ = unlink(path) }

    private func take(_ line: Line) {
        switch line {
        case .began: break
        case .clock(let clock): clockOfLines = clock
        case .opened(let processor, let devices): opened[processor] = devices
        case .measured(let place, let events):
            let shift = clockOfLines?.shift(to: clock) ?? 0
            measured[place] = shift == 0 ? events : events.map { $0.map { $0.shifted(by: shift) } }
        case .finished(let processor, let devices): finished[processor] = devices
        }
    }

    private func add(_ line: Line) {
        take(line)
        guard isSound, let bytes = try? Self.encoder.encode(line) else { return }
        isSound =
            FileDescriptor.write([UInt8](bytes) + [UInt8(ascii: "\n")], to: descriptor) && fdatasync(descriptor) == 0
        if isSound, case .measured = line { holdsMeasurements = true }
    }
}

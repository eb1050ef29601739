import Glibc
import Results
import Statistics

/// Joules, watts and time of a command.
public struct CommandEnergy: Codable, Sendable, Equatable {
    /// The command's exit code, or 128 + the number of the signal that ended it.
    public var exitCode: Int32
    public var seconds: Double
    /// The command ran for a time within this interval.
    public var secondsInterval: Interval
    /// Sources and total over the command's time; `totalJoules` carries gross energy.
    public var energy: MonitorReading
    @ExplicitNull public var joulesInterval: Interval?
    /// Watts in the half second before the command began.
    @ExplicitNull public var idleWatts: Double?
    /// Gross joules less what the machine would have drawn idle.
    @ExplicitNull public var netJoules: Double?
    /// What the edges leave open of the net joules.
    @ExplicitNull public var netInterval: Interval?
    public var provenance: EnergyProvenance
    /// The rule by which sources became the total, and what the meter's thread cost.
    @ExplicitNull public var accounting: EnergyAccounting?
}

extension PowerMonitor {
    /// Seconds of idle before the command is started.
    private static let idleSeconds = 0.5
    /// The same where a counter moves seldom: so many of its updates.
    private static let idleUpdates = 4.0
    /// Between readings while the command runs. Its end comes unannounced, and a reading follows at once; how well a
    /// counter that is updated more seldom is known there depends on this. At half of it the meter took 0.9 % of a
    /// core.
    private static let period = 0.01

    /// Runs a command, with this process's standard input, output and errors, and meters it. The meter's thread is
    /// started if it does not run.
    ///
    /// - Throws: ``PowerError/Code/notStartable`` with the system's words.
    public func meter(command: [String]) throws(PowerError) -> CommandEnergy {
        guard let name = command.first else { throw PowerError(.notStartable, "no command was given") }
        let startsHere = !session.isRunning
        if startsHere { start() }
        defer { if startsHere { stop() } }
        session.readDensely(in: [DenseSpan(session.time.now(), .infinity, period: Self.period)])
        defer { session.readDensely(in: []) }
        session.sampler.sampleNow()
        let idleBegin = session.time.now() + 0.02
        let slowest = counted.map(\.updateSeconds).max() ?? 0
        session.time.sleep(until: idleBegin + max(Self.idleSeconds, min(Self.idleUpdates * slowest, 10)))
        session.sampler.sampleNow()

        let begin = session.time.now()
        let child: pid_t
        do throws(SystemFault) { child = try Self.spawn(command) } catch {
            throw PowerError(.notStartable, "\(name): cannot be started: \(error)")
        }
        let started = session.time.now()
        let status = Self.wait(for: child)
        let end = session.time.now()
        session.sampler.sampleNow()
        session.awaitUpdates(of: counted, after: end, margin: margin)

        let idleReading = session.reading(from: idleBegin, to: begin)
        let idle = idleReading.totalWatts
        let energy = session.reading(from: begin, to: end, isWork: true)
        let seconds = end - begin
        let interval = energy.wattsInterval?.scaled(by: seconds)
        return CommandEnergy(
            exitCode: status, seconds: seconds, secondsInterval: Interval(end - started, seconds), energy: energy,
            joulesInterval: interval, idleWatts: idle,
            netJoules: energy.totalJoules.flatMap { joules in
                idle.map { Self.net(joules, idle: $0 * seconds) }
            },
            netInterval: Self.netInterval(interval, idle: idleReading.wattsInterval?.scaled(by: seconds)),
            provenance: provenance(energy), accounting: accounting)
    }

    /// What is left of two equal numbers is rounding, and work takes no less than nothing.
    private static func net(_ joules: Double, idle: Double) -> Double {
        joules - idle > 1e-9 * joules ? joules - idle : 0
    }

    private static func netInterval(_ gross: Interval?, idle: Interval?) -> Interval? {
        guard let gross, let idle else { return nil }
        return Interval(max(gross.lower - idle.upper, 0), max(gross.upper - idle.lower, 0))
    }

    private var counted: [PowerSource] { session.found.filter { session.plan.hostTotal.contains($0.record.id) } }

    private var margin: Double {
        let slowest = counted.map(\.updateSeconds).max() ?? 0
        return min(max(3 * slowest, 0.02), max(0.5, 1.25 * slowest))
    }

    private func provenance(_ energy: MonitorReading) -> EnergyProvenance {
        guard energy.totalJoules != nil else { return .unavailable }
        return counted.contains { $0.record.kind == .sensor } ? .integrated : .measured
    }

    private static func spawn(_ command: [String]) throws(SystemFault) -> pid_t {
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe _ = posix_spawnattr_destroy(&attributes) }
        // The parent ignores an interrupt while it waits; the command must not inherit that.
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGINT)
        unsafe sigaddset(&signals, SIGQUIT)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        // Threads of a pool block signals, and a command that inherited that could not be ended.
        var blocked = sigset_t()
        unsafe sigemptyset(&blocked)
        unsafe posix_spawnattr_setsigmask(&attributes, &blocked)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var arguments: [UnsafeMutablePointer<CChar>?] = unsafe command.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var child: pid_t = 0
        let failure = unsafe posix_spawnp(&child, command[0], nil, &attributes, &arguments, environ)
        guard failure == 0 else { throw SystemFault(failure) }
        return child
    }

    /// Waits as a shell does: Ctrl-C is for the command.
    private static func wait(for child: pid_t) -> Int32 {
        let (interrupt, quit) = (signal(SIGINT, SIG_IGN), signal(SIGQUIT, SIG_IGN))
        defer {
            _ = signal(SIGINT, interrupt)
            _ = signal(SIGQUIT, quit)
        }
        var status: Int32 = 0
        while unsafe waitpid(child, &status, 0) < 0 && errno == EINTR {}
        let ending = status & 0x7F
        return ending == 0 ? (status >> 8) & 0xFF : 128 + ending
    }
}

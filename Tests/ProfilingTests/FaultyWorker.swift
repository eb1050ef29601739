import FoundationEssentials
import TestSupport

/// A stand-in for the program that passes requests on to a real worker and misbehaves when one matches.
struct FaultyWorker: ~Copyable {
    /// What it does at a request that contains `trigger`.
    enum Fault: String {
        case crash = "os.kill(os.getpid(), signal.SIGSEGV)"
        case hang = "time.sleep(1000)"
        case nonsense = "print('no JSON at all', flush=True); continue"
        case slowness = "time.sleep(1.2)"
        case exit = "print('the driver gave up', file=sys.stderr, flush=True); os._exit(7)"
    }

    let path: String

    init(_ fault: Fault, at trigger: String) throws {
        InjectedFaults.tell("worker", ["\(fault) at \(trigger)"])
        path = "\(FileManager.default.temporaryDirectory.path)/faulty-worker-\(UUID().uuidString)"
        let script = """
            #!/usr/bin/env python3
            import os, signal, subprocess, sys, time
            real = subprocess.Popen(["\(ProgramUnderTest.path)", "worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
            for line in sys.stdin:
                if all(word in line for word in "\(trigger)".split()):
                    \(fault.rawValue)
                real.stdin.write(line)
                real.stdin.flush()
                sys.stdout.write(real.stdout.readline())
                sys.stdout.flush()
            """
        try script.write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

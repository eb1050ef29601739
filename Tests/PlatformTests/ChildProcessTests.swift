import Foundation
import Glibc
import Platform
import Testing

@Suite("A child process on pipes")
struct ChildProcessTests {
    private func shell(_ script: String) throws -> ChildProcess {
        try ChildProcess(executable: "/bin/sh", arguments: ["-c", script])
    }

    private var soon: Double { MonotonicClock.now() + 10 }

    @Test("answers line by line, also when several lines come at once")
    func conversation() throws {
        var child = try shell("while read line; do echo \"got $line\"; echo second; done")
        child.send(line: "one")
        #expect(try child.readLine(deadline: soon) { false } == "got one")
        #expect(try child.readLine(deadline: soon) { false } == "second")
        child.send(line: "two")
        #expect(try child.readLine(deadline: soon) { false } == "got two")
    }

    @Test("a line longer than a pipe's buffer arrives whole")
    func longLine() throws {
        var child = try shell("head -c 300000 /dev/zero | tr '\\0' x; echo")
        #expect(try child.readLine(deadline: soon) { false }.utf8.count == 300_000)
    }

    @Test("a child that dies shows as closed, with its signal and last words")
    func death() throws {
        var child = try shell("echo 'out of luck' >&2; kill -SEGV $$")
        #expect(throws: ChildProcess.Failure.closed) { try child.readLine(deadline: soon) { false } }
        let end = child.waitForEnd(seconds: 5)
        #expect(end == .signalled(SIGSEGV))
        #expect(child.lastErrorLine == "out of luck")
    }

    @Test("a child that is told the end of its input ends by itself")
    func endOfInput() throws {
        var child = try shell("while read line; do echo \"$line\"; done; exit 4")
        child.send(line: "last")
        child.endInput()
        child.endInput()
        #expect(try child.readLine(deadline: soon) { false } == "last")
        #expect(child.waitForEnd(seconds: 5) == .exited(status: 4))
    }

    @Test("speaking to a child that has ended raises no signal, and shows as closed")
    func deaf() throws {
        var child = try shell("exit 3")
        #expect(child.waitForEnd(seconds: 5) == .exited(status: 3))
        let before = signal(SIGPIPE, SIG_DFL)
        defer { signal(SIGPIPE, before) }
        child.send(line: "anybody there?")
        #expect(throws: ChildProcess.Failure.closed) { try child.readLine(deadline: soon) { false } }
    }

    @Test("a child that is silent runs into the deadline and can be ended")
    func silence() throws {
        var child = try shell("sleep 100")
        #expect(throws: ChildProcess.Failure.deadline) {
            try child.readLine(deadline: MonotonicClock.now() + 0.05) { false }
        }
        child.terminate()
        #expect(child.waitForEnd(seconds: 5) == .terminated)
    }

    @Test("an end says who caused it: a child that is late, one that was told to end, and one that the system killed")
    func ends() throws {
        var late = try shell("sleep 100")
        #expect(late.waitForEnd(seconds: 0.05) == .overdue(seconds: 0.05))
        var killed = try shell("kill -KILL $$")
        let end = killed.waitForEnd(seconds: 5)
        #expect(end == .signalled(SIGKILL))
        #expect("\(end)".contains("memory"))
    }

    @Test("a child that has ended shows as closed, though what it started still holds its output")
    func heldOutput() throws {
        var child = try shell("sleep 100 & echo begun; exit 0")
        #expect(try child.readLine(deadline: soon) { false } == "begun")
        let before = MonotonicClock.now()
        #expect(throws: ChildProcess.Failure.closed) { try child.readLine(deadline: before + 60) { false } }
        #expect(MonotonicClock.now() - before < 30)
    }

    @Test("what fills its standard output while nobody reads is let go on")
    func unreadOutput() throws {
        var child = try shell("head -c 1000000 /dev/zero; exit 5")
        #expect(child.waitForEnd(seconds: 20) == .exited(status: 5))
    }

    @Test(
        "what a child has started ends with it: of its group, or in whatever group of its session",
        arguments: [
            (ChildProcess.Scope.group, "exit 0"), (.group, "sleep 100"), (.session, "exit 0"), (.session, "sleep 100"),
        ])
    func descendants(scope: ChildProcess.Scope, rest: String) throws {
        // A job of an interactive shell has a group of its own.
        let script = "\(scope == .session ? "set -m; " : "")sleep 100 & echo $!; \(rest)"
        var child = try ChildProcess(executable: "/bin/sh", arguments: ["-c", script], leading: scope)
        let descendant = try #require(pid_t(try child.readLine(deadline: soon) { false }))
        if rest != "exit 0" { child.terminate() }
        child.waitForEnd(seconds: 5)
        let deadline = soon
        // Another process reaps it.
        while kill(descendant, 0) == 0, !isZombie(descendant), MonotonicClock.now() < deadline { usleep(1000) }
        #expect(kill(descendant, 0) != 0 || isZombie(descendant))
    }

    private func isZombie(_ process: pid_t) -> Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return true }
        return status.split(separator: ")").last?.hasPrefix(" Z") == true
    }

    @Test("a child has no more memory than it is allowed, and says so itself")
    func memoryLimit() throws {
        let script = "import sys\ntry: bytearray(1 << 30)\nexcept MemoryError: sys.exit(9)"
        let python = try #require(ExecutableSearch.firstPath(of: ["python3"]))
        var child = try ChildProcess(executable: python, arguments: ["-c", script], memoryLimit: 512 << 20)
        #expect(child.waitForEnd(seconds: 20) == .exited(status: 9))
    }

    @Test("standard error that fills its pipe does not block the child")
    func chattyErrors() throws {
        var child = try shell("head -c 1000000 /dev/zero | tr '\\0' e >&2; echo done")
        #expect(try child.readLine(deadline: soon) { false } == "done")
    }

    @Test("a child that is let go of is ended and reaped")
    func abandonment() throws {
        let processID: pid_t
        do {
            let child = try shell("sleep 100")
            processID = child.processID
        }
        #expect(kill(processID, 0) == -1 && errno == ESRCH)
    }

    @Test("a program that does not exist is named")
    func missingProgram() {
        #expect {
            _ = try ChildProcess(executable: "/nonexistent/program", arguments: [])
        } throws: { error in
            "\(error)".contains("/nonexistent/program") && "\(error)".contains("No such file")
        }
    }

    @Test("leads its own process group, so that a terminal's Ctrl-C does not reach it")
    func processGroup() throws {
        let child = try shell("sleep 100")
        #expect(getpgid(child.processID) == child.processID)
    }
}

import Backends
import Foundation
import Glibc
import Kernels
import Results
import TestSupport
import Testing

@Suite("Python's devices")
struct PythonBackendTests {
    static let devices: [Int] = (try? PythonBackend().devices().get())?.indices.map(\.self) ?? []

    @Test("NumPy's device is there, and says what it is")
    func numpy() throws {
        let record = try #require(try PythonBackend().devices().get().first)
        #expect(record.id == "python:0")
        #expect(record.isHostProcessor)
        #expect(record.frameworks?.first == "numpy")
        #expect(record.apiVersion.hasPrefix("NumPy "))
        #expect(record.driver.hasPrefix("Python 3"))
        #expect(record.computeUnits == CPUBackend().deviceCores)
    }

    @Test("do what every device must", arguments: devices)
    func conformance(index: Int) throws { try expectConformance(of: try PythonBackend().open(index: index)) }

    @Test("an interpreter that is not there, or is none, is a reason on one line")
    func noInterpreter() throws {
        for (path, words) in [("/nowhere/python3", "--python"), ("/bin/false", "the Python process exited")] {
            guard case .failure(let error) = PythonBackend(PythonSettings(interpreter: path)).devices() else {
                Issue.record("\(path) has devices")
                continue
            }
            #expect(error.description.contains(words), "\(error)")
            #expect(!error.description.contains("\n"))
        }
    }

    @Test("a device has as many threads as it is given")
    func threads() throws {
        let device = try PythonBackend(processor: ProcessorSettings(threadCount: 1)).open(index: 0)
        #expect(device.limits.computeUnits == 1)
        let fixture = try PythonFixture([
            "count": """
            import os
            import numpy
            def gate_up(gate, up): return gate * 0 + numpy.float32(int(os.environ["OPENBLAS_NUM_THREADS"]))
            """
        ])
        #expect(elements(try fixture.run("count", on: device), type: .f32) == Array(repeating: 1, count: 15))
    }

    @Test("a function and what prepares one give their outputs in any form")
    func forms() throws {
        let fixture = try PythonFixture([
            "plain": "def gate_up(gate, up): return gate * up",
            "listed": "def gate_up(up, gate): return [gate * up]",
            "named": "def gate_up(gate, up): return {'y': gate * up}",
            "number": "def gate_up(gate, up, D, precision): return gate * up + (D - 5) + len(precision) - 3",
            "prepared": """
            import numpy
            def prepare(gate, up, y, T):
                return lambda: numpy.multiply(gate, up, out=y)
            """,
        ])
        let device = try PythonBackend().open(index: 0)
        for name in ["plain", "listed", "named", "number", "prepared"] {
            let result = elements(try fixture.run(name, on: device), type: .f32)
            #expect(result == Array(repeating: 4, count: 15), "\(name)")
        }
    }

    @Test("what a function does wrong is said in a line that names it, and the device works on")
    func faults() throws {
        let faults: [(name: String, source: String, words: [String])] = [
            (
                "raises", "def gate_up(gate, up):\n    return gate[99]",
                ["IndexError", "swiglu/raises/gate_up.py:2"]
            ),
            ("no-import", "import no_such_module", ["ModuleNotFoundError", "no_such_module"]),
            ("no-syntax", "def gate_up(gate, up:", ["SyntaxError"]),
            ("no-function", "x = 1", ["defines neither 'gate_up' nor 'prepare'"]),
            ("asks", "def gate_up(gate, up, depth): return gate", ["asks for 'depth'", "there are D, "]),
            ("nothing", "def gate_up(gate, up): pass", ["'y' is a None, expected a NumPy array"]),
            (
                "shape", "def gate_up(gate, up): return gate[:, :2]",
                ["'y' has float32 of shape [3, 2], expected float32 of shape [3, 5]"]
            ),
            (
                "type", "def gate_up(gate, up): return (gate * up).astype('float64')",
                ["'y' has float64 of shape [3, 5], expected float32"]
            ),
            ("two", "def gate_up(gate, up): return gate, up", ["gave 2 results, expected 1: y"]),
            ("other", "def gate_up(gate, up): return {'z': gate}", ["gave no 'y', only z"]),
            ("memory", "import numpy\ndef gate_up(gate, up): return numpy.empty(1 << 45)", ["out of memory"]),
        ]
        let fixture = try PythonFixture(
            Dictionary(uniqueKeysWithValues: faults.map { ($0.name, $0.source) })
                .merging(["right": "def gate_up(gate, up): return gate * up"]) { $1 })
        let device = try PythonBackend().open(index: 0)
        for fault in faults {
            do {
                _ = try fixture.run(fault.name, on: device)
                Issue.record("\(fault.name): no error")
            } catch let error as BackendError {
                for word in fault.words { #expect(error.description.contains(word), "\(fault.name): \(error)") }
                #expect(!error.description.contains("\n"), "\(fault.name): \(error)")
            }
            #expect(elements(try fixture.run("right", on: device), type: .f32).first == 4, "after \(fault.name)")
        }
    }

    @Test("a function that cannot do what it is asked says so by NotImplementedError, which is no fault")
    func notImplemented() throws {
        let fixture = try PythonFixture([
            "declines": "def prepare(gate, up): raise NotImplementedError('only rows of 8')"
        ])
        let device = try PythonBackend().open(index: 0)
        let error = #expect(throws: BackendError.self) { try fixture.run("declines", on: device) }
        #expect(error?.code == .unsupported)
        #expect(error?.description.contains("only rows of 8") == true, "\(error?.description ?? "")")
    }

    @Test("a process that ends takes its device with it, and says how it ended")
    func death() throws {
        let fixture = try PythonFixture([
            "dies": "import os\ndef gate_up(gate, up): os.kill(os.getpid(), 11)",
            "leaves": "import sys, os\ndef gate_up(gate, up):\n    print('enough', file=sys.stderr)\n    os._exit(3)",
        ])
        for (name, words) in [("dies", "signal 11"), ("leaves", "exited with status 3; it last said: enough")] {
            let device = try PythonBackend().open(index: 0)
            let error = #expect(throws: BackendError.self) { try fixture.run(name, on: device) }
            #expect(error?.code == .lost)
            #expect(error?.description.contains(words) == true, "\(name): \(error?.description ?? "")")
        }
    }

    @Test("what is printed goes past the protocol, and reading from the input finds nothing")
    func streams() throws {
        let fixture = try PythonFixture([
            "prints": """
            import sys
            def gate_up(gate, up):
                print("hello")
                sys.stdout.flush()
                assert sys.stdin.read() == ""
                return gate * up
            """
        ])
        let device = try PythonBackend().open(index: 0)
        #expect(elements(try fixture.run("prints", on: device), type: .f32).first == 4)
    }

    @Test("a strategy says which framework it needs, and kernels need their grid")
    func definitions() throws {
        let fixture = try PythonFixture(
            ["absent": "def gate_up(gate, up): return gate"], framework: "no_such_framework")
        let device = try PythonBackend().open(index: 0)
        let error = #expect(throws: KernelError.self) { try fixture.run("absent", on: device) }
        #expect(error?.code == .unavailable)
        #expect(error?.description.contains("needs 'no_such_framework' in Python; the device has numpy") == true)

        let file = "\(fixture.folder)/swiglu/absent/strategy.json"
        let definition = try String(contentsOfFile: file, encoding: .utf8)
        try definition.replacingOccurrences(of: "\"python\": {\"framework\": \"no_such_framework\"},", with: "")
            .write(toFile: file, atomically: true, encoding: .utf8)
        func problem() throws -> String? {
            try Catalogue(try .builtIn(adding: [fixture.folder])).problems.first?.description
        }
        #expect(try problem()?.contains("python: is missing") == true)
        try "void".write(toFile: "\(fixture.folder)/swiglu/absent/gate_up.c", atomically: true, encoding: .utf8)
        #expect(try problem()?.contains("'workGroups' takes one to three expressions") == true)
    }
}

extension CPUBackend {
    fileprivate var deviceCores: Int? { (try? devices().get())?.first?.computeUnits }
}

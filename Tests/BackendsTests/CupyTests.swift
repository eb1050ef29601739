import Backends
import Foundation
import Kernels
import Results
import TestSupport
import Testing

/// CuPy needs a GPU of NVIDIA's: here its place is taken by a module that keeps to CuPy's documented interface on
/// NumPy, and the driver's by a library with two devices.
@Suite("CuPy's devices")
struct CupyTests {
    private static let module = """
        import sys
        import types
        import numpy
        from numpy import float32, uint8

        __version__ = "14.0.0"
        current = 0

        class ndarray(numpy.ndarray):
            @property
            def device(self): return types.SimpleNamespace(id=getattr(self, "place", current))

        def empty(shape, dtype=float): return numpy.empty(shape, dtype).view(ndarray)
        def ones(shape, dtype=float): return numpy.ones(shape, dtype).view(ndarray)
        def asarray(a): return numpy.array(a).view(ndarray)
        def asnumpy(a): return numpy.ascontiguousarray(a).view(numpy.ndarray)
        def matmul(a, b, out): return numpy.matmul(a, b, out=out)

        class Event:
            count = 0
            def record(self):
                Event.count += 1
                self.moment = Event.count

        class Device:
            def __init__(self, index): self.id = index
            def use(self):
                global current
                current = self.id
            def synchronize(self): pass

        class OutOfMemoryError(MemoryError): pass

        cuda = types.SimpleNamespace(
            Event=Event, Device=Device, memory=types.SimpleNamespace(OutOfMemoryError=OutOfMemoryError),
            get_elapsed_time=lambda first, last: 0.25 * (last.moment - first.moment))
        """

    private static let driver = """
        #include <stddef.h>
        #include <string.h>
        int cuInit(unsigned flags) { return flags; }
        int cuDeviceGetCount(int *count) { *count = 2; return 0; }
        int cuDeviceGet(int *device, int index) { *device = 7 + index; return 0; }
        int cuDeviceGetName(char *name, int size, int device) {
            strncpy(name, device == 7 ? "NVIDIA One" : "NVIDIA Two", size);
            return 0;
        }
        int cuDeviceTotalMem_v2(size_t *bytes, int device) { *bytes = (size_t)(device - 6) << 32; return 0; }
        int cuDeviceGetAttribute(int *value, int attribute, int device) {
            switch (attribute) {
            case 16: *value = 100 + device; return 0;
            case 33: *value = 0x40 + device; return 0;
            case 34: *value = 1; return 0;
            case 38: *value = 1 << 20; return 0;
            case 50: *value = 2; return 0;
            default: return 1;
            }
        }
        """

    /// An interpreter for which both are there.
    private static func withInterpreter(_ body: (PythonBackend) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("cupy \(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try module.write(toFile: "\(folder)/cupy.py", atomically: true, encoding: .utf8)
        try driver.write(toFile: "\(folder)/driver.c", atomically: true, encoding: .utf8)
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        compiler.arguments = ["cc", "-shared", "-fPIC", "-o", "\(folder)/libcuda.so.1", "\(folder)/driver.c"]
        try compiler.run()
        compiler.waitUntilExit()
        try #require(compiler.terminationStatus == 0)
        let interpreter = "\(folder)/python"
        try """
        #!/bin/sh
        export PYTHONPATH='\(folder)' LD_LIBRARY_PATH='\(folder)'
        exec python3 "$@"
        """.write(toFile: interpreter, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: interpreter)
        try body(PythonBackend(PythonSettings(interpreter: interpreter)))
    }

    @Test("are the driver's, with what it tells of them, without CuPy being imported")
    func devices() throws {
        try Self.withInterpreter { backend in
            let found = try backend.devices().get().filter { $0.frameworks == ["cupy"] }
            #expect(found.map(\.name) == ["NVIDIA One", "NVIDIA Two"])
            #expect(found.map(\.pciAddress) == ["0002:47:01.0", "0002:48:01.0"])
            #expect(found.map(\.computeUnits) == [107, 108])
            #expect(found.map(\.memoryBytes) == [1 << 32, 2 << 32])
            #expect(
                found.allSatisfy { !$0.isHostProcessor && $0.vendor == "NVIDIA" && $0.apiVersion.hasPrefix("CuPy") })
        }
    }

    @Test("run functions on CuPy's arrays, by the device's events, and say what is wrong with a result")
    func functions() throws {
        try Self.withInterpreter { backend in
            let fixture = try PythonFixture(
                [
                    "product": "def prepare(gate, up, y):\n    import cupy\n    return lambda: cupy.asarray(gate * up)",
                    "leaves": "import numpy\ndef gate_up(gate, up): return numpy.asarray(gate)",
                    "elsewhere": "def gate_up(gate, up):\n    y = gate * up\n    y.place = 0\n    return y",
                    "full": "import cupy\ndef gate_up(gate, up): raise cupy.cuda.memory.OutOfMemoryError('of 80 GB')",
                ], framework: "cupy")
            let index = try #require(try backend.devices().get().lastIndex { $0.frameworks == ["cupy"] })
            let device = try backend.open(index: index)
            #expect(device.codePath == "CuPy 14.0.0, cuda:1")
            #expect(device.limits.precisions == [.f32, .f16])
            #expect(elements(try fixture.run("product", on: device), type: .f32) == Array(repeating: 4, count: 15))
            for (name, words) in [
                ("leaves", "'y' is a ndarray, expected an array of CuPy"),
                ("elsewhere", "lies on cuda:0, expected cuda:1"),
                ("full", "out of memory: cupy.OutOfMemoryError: of 80 GB"),
            ] {
                let error = #expect(throws: BackendError.self) { try fixture.run(name, on: device) }
                #expect(error?.description.contains(words) == true, "\(name): \(error?.description ?? "")")
            }
        }
    }

    @Test("take their times from events")
    func times() throws {
        try Self.withInterpreter { backend in
            let fixture = try PythonFixture(["product": "def gate_up(gate, up): return gate * up"], framework: "cupy")
            let index = try #require(try backend.devices().get().firstIndex { $0.frameworks == ["cupy"] })
            let times = try fixture.times("product", on: try backend.open(index: index))
            // The module's clock counts events, a quarter of a millisecond each.
            #expect(times.deviceSeconds == [0.000_25, 0.000_25])
        }
    }
}

import FoundationEssentials
import Kernels
import Statistics
import Testing

/// Files under Tests/Fixtures.
func fixture(_ path: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/\(path)").path
}

/// A folder that is gone when the closure returns.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "joulemark-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path)
}

/// A .npy of format version 1.0 with this header text and this data.
private func npy(_ header: String, data: [UInt8], version: [UInt8] = [1, 0]) -> [UInt8] {
    let text = Array((header + "\n").utf8)
    let length = version[0] == 1 ? 2 : 4
    let size = (0..<length).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
    return [0x93] + Array("NUMPY".utf8) + version + size + text + data
}

private func message(_ bytes: [UInt8]) -> String? {
    do throws(KernelError) {
        _ = try NumpyFile(name: "x.npy", bytes: bytes)
        return nil
    } catch {
        return error.code == .invalidInput ? error.description : "wrong code: \(error)"
    }
}

@Suite("NumPy files")
struct NumpyFileTests {
    private static let types = ["f2", "f4", "f8", "i2", "i4", "i8", "u2", "u4", "u8"]
    static let typedFiles =
        types.flatMap { type in ["little", "big"].flatMap { ["\(type)-\($0)-C", "\(type)-\($0)-F"] } }
        + ["i1", "u1"].flatMap { ["\($0)-byte-C", "\($0)-byte-F"] }

    @Test("every number type, byte order and memory order that NumPy writes is read", arguments: typedFiles)
    func typed(name: String) throws {
        let file = try NumpyFile(path: fixture("npy/\(name).npy"))
        let offset = name.hasPrefix("u") ? 0.0 : 5.0
        #expect(file.shape == [2, 3, 4])
        #expect(file.values == (0..<24).map { Double($0) - offset })
    }

    @Test("numbers of 8 bits are what ml_dtypes has them be", arguments: ["float8_e4m3fn", "float8_e5m2"])
    func eighths(name: String) throws {
        let file = try NumpyFile(path: fixture("npy/\(name).npy"))
        let values = try NumpyFile(path: fixture("npy/\(name)-values.npy")).values
        #expect(file.values.count == 256)
        for (found, expected) in zip(file.values, values) {
            #expect(found == expected && found.sign == expected.sign || found.isNaN && expected.isNaN)
        }
        // Or by their names, where someone writes them so.
        let header = "{'descr': '\(name)', 'fortran_order': False, 'shape': (3,), }"
        let named = try NumpyFile(name: "x.npy", bytes: npy(header, data: [0x38, 0xB8, 0x01]))
        #expect(named.values == [0x38, 0xB8, 0x01].map { values[$0] })
    }

    @Test("bfloat16 is read as ml_dtypes has it written")
    func brainFloats() throws {
        let file = try NumpyFile(path: fixture("inputs/bfloat16.npy"))
        #expect(file.shape == [2, 3] && file.values == [1, 2, 3, 4, 5, 6])
    }

    @Test("booleans are read as 0 and 1", arguments: ["C", "F"])
    func booleans(layout: String) throws {
        let file = try NumpyFile(path: fixture("npy/b1-byte-\(layout).npy"))
        #expect(file.values == (0..<24).map { Double($0 % 2) })
    }

    @Test("format versions 1, 2 and 3 are read", arguments: 1...3)
    func versions(version: Int) throws {
        #expect(try NumpyFile(path: fixture("npy/version-\(version).npy")).values.last == 18)
    }

    @Test("a scalar has no dimensions and one element; an empty array has none")
    func degenerate() throws {
        let scalar = try NumpyFile(path: fixture("npy/scalar.npy"))
        #expect(scalar.shape.isEmpty && scalar.values == [7.5])
        let empty = try NumpyFile(path: fixture("npy/empty.npy"))
        #expect(empty.shape == [3, 0, 2] && empty.values.isEmpty)
    }

    @Test(
        "elements that are no numbers are refused by name",
        arguments: [
            ("objects", "Python objects"), ("structured", "structured"), ("complex", "'<c8'"), ("text", "'<U2'"),
            ("dates", "'<M8[D]'"),
        ])
    func otherTypes(name: String, reason: String) throws {
        let error = #expect(throws: KernelError.self) { try NumpyFile(path: fixture("npy/\(name).npy")) }
        #expect(error?.code == .invalidInput)
        #expect(error?.description.contains("\(name).npy: ") == true)
        #expect(error?.description.contains(reason) == true)
    }

    @Test("a file that is not there, a folder and a device are refused with the reason")
    func unreadable() throws {
        for (path, reason) in [
            ("/nowhere/x.npy", "No such file"), ("/tmp", "not a regular file"), ("/dev/zero", "not a regular file"),
        ] {
            let error = #expect(throws: KernelError.self) { try NumpyFile(path: path) }
            #expect(error?.description.hasPrefix("\(path): ") == true)
            #expect(error?.description.contains(reason) == true)
        }
    }

    static let malformedFiles: [(bytes: [UInt8], reason: String)] = [
        ([], "not a .npy file"),
        (Array("PK\u{3}\u{4} a zip archive".utf8), "not a .npy file"),
        ([0x93] + Array("NUMPY".utf8), "truncated"),
        ([0x93] + Array("NUMPY".utf8) + [1, 0, 9], "truncated"),
        ([0x93] + Array("NUMPY".utf8) + [9, 0, 0, 0], "version 9.0"),
        ([0x93] + Array("NUMPY".utf8) + [2, 0, 0xFF, 0xFF, 0xFF, 0xFF], "truncated"),
        (npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", data: [0, 0, 0, 0]), "holds 4 bytes"),
        (npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", data: [0, 0, 0, 0, 9]), "holds 5 bytes"),
        (npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", data: []), "negative dimension -2"),
        (
            npy("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", data: []),
            "no memory holds"
        ),
        (
            npy("{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", data: []),
            "no memory holds"
        ),
        (
            npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1152921504606846975,), }", data: []),
            "no memory holds"
        ),
        (npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1099511627776,), }", data: []), "holds 0 bytes"),
        (npy("{'descr': '<f4', 'fortran_order': maybe, 'shape': (1,), }", data: []), "True or False"),
        (npy("{'descr': '<f4', 'fortran_order': False}", data: []), "lacks a header key"),
        (npy("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False}", data: []), "repeated header key"),
        (npy("{'descr': '<f4', 'order': False, 'shape': (1,)}", data: []), "header key 'order'"),
        (npy("{'descr': '|f4', 'fortran_order': False, 'shape': (1,)}", data: []), "'|f4'"),
        (npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} + 1", data: []), "after the header"),
        (npy("{'descr': '<f4", data: []), "malformed"),
        (npy("", data: []), "malformed"),
        (npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2", data: []), "malformed"),
        (
            npy("{'descr': '<f4', 'fortran_order': False, 'shape': (\(String(repeating: "1,", count: 99)))}", data: []),
            "32 dimensions"
        ),
    ]

    @Test("a malformed file is an error of one line that names the file and what is wrong", arguments: malformedFiles)
    func malformed(bytes: [UInt8], reason: String) {
        let found = message(bytes) ?? "accepted"
        #expect(found.hasPrefix("x.npy: "))
        #expect(found.contains(reason))
        #expect(!found.contains("\n"))
    }

    @Test("no change of a byte, no cut and no random header makes the reader trap")
    func fuzzed() throws {
        let valid = NumpyFile.bytes(Tensor(shape: [3, 2], elements: .f32([1, 2, 3, 4, 5, 6])))
        var generator = SeededGenerator(seed: 7)
        var accepted = 0
        for round in 0..<20_000 {
            var bytes = valid
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            if round % 3 == 0 { bytes.removeLast(Int.random(in: 0...bytes.count, using: &generator)) }
            if round % 5 == 0 { bytes += Array("9999999, 'shape': (".utf8) }
            let found = message(bytes)
            if found == nil { accepted += 1 }
            #expect(found.map { $0.hasPrefix("x.npy: ") && !$0.contains("\n") } ?? true)
        }
        #expect(accepted > 0 && accepted < 20_000)
    }

    @Test("what is written reads back the same, bit for bit, in every type")
    func roundTrip() throws {
        let tensors = [
            Tensor(shape: [2, 3], elements: .f16([0, -0.0, 1.5, 65504, .leastNonzeroMagnitude, -2])),
            Tensor(shape: [6], elements: .f32([0, -1, 3.4e38, .leastNonzeroMagnitude, 0.1, 7])),
            Tensor(shape: [1, 2, 1], elements: .f64([.pi, -1e300])),
            Tensor(shape: [2], elements: .i32([.min, .max])),
            Tensor(shape: [], elements: .f32([4])),
            Tensor(shape: [0, 5], elements: .f32([])),
        ]
        try withTemporaryFolder { folder in
            for tensor in tensors {
                let path = "\(folder)/t.npy"
                try NumpyFile.write(tensor, to: path)
                #expect(try NumpyFile(path: path).tensor(shape: tensor.shape, type: tensor.type) == tensor)
            }
        }
    }

    @Test("what is written is byte for byte what NumPy writes")
    func sameBytesAsNumPy() throws {
        let expected = try Data(contentsOf: URL(filePath: fixture("npy/f4-little-C.npy")))
        let tensor = Tensor(shape: [2, 3, 4], elements: .f32((0..<24).map { Float($0) - 5 }))
        #expect(NumpyFile.bytes(tensor) == [UInt8](expected))
        let oneDimension = try Data(contentsOf: URL(filePath: fixture("npy/one-dimension.npy")))
        #expect(NumpyFile.bytes(Tensor(shape: [5], elements: .i32([0, 1, 2, 3, 4]))) == [UInt8](oneDimension))
    }

    @Test("a file becomes an input only with the right shape and elements that its type holds")
    func conversion() throws {
        let counting = try NumpyFile(path: fixture("npy/i8-big-F.npy"))
        #expect(try counting.tensor(shape: [2, 3, 4], type: .f16).doubles == counting.values)
        #expect(try counting.tensor(shape: [2, 3, 4], type: .i32).doubles == counting.values)
        let shape = #expect(throws: KernelError.self) { try counting.tensor(shape: [4, 3, 2], type: .f32) }
        #expect(shape?.description.hasSuffix("i8-big-F.npy: has the shape [2, 3, 4], expected [4, 3, 2]") == true)

        func refusal(_ value: Double, _ type: ElementType) throws -> String? {
            let bytes = NumpyFile.bytes(Tensor(shape: [2, 2], elements: .f64([0, 1, value, 2])))
            let file = try NumpyFile(name: "x.npy", bytes: bytes)
            return #expect(throws: KernelError.self) { try file.tensor(shape: [2, 2], type: type) }?.description
        }
        #expect(try refusal(1e6, .f16) == "x.npy: holds 1000000.0 at [1,0], which is no finite value of type f16")
        #expect(try refusal(.nan, .f32)?.contains("holds nan at [1,0]") == true)
        #expect(try refusal(-.infinity, .f64)?.contains("holds -inf at [1,0]") == true)
        #expect(try refusal(0.5, .i32)?.contains("holds 0.5 at [1,0]") == true)
        #expect(try refusal(3e9, .i32)?.contains("holds 3000000000.0 at [1,0]") == true)
    }

    @Test("a path that cannot be written is an error that names it")
    func unwritable() {
        let tensor = Tensor(shape: [1], elements: .f32([1]))
        let error = #expect(throws: KernelError.self) { try NumpyFile.write(tensor, to: "/nowhere/x.npy") }
        #expect(error == KernelError(.cannotWrite, "/nowhere/x.npy: cannot be written"))
    }
}

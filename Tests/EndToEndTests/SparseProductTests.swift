import Foundation
import Results
import TestSupport
import Testing

/// The user's own matrices, through the whole program, against SciPy's reading of the same files and SciPy's product.
@Suite("Sparse products of the user's own matrices")
struct SparseProductTests {
    /// A file and what else the command line says.
    struct Case: Sendable, CustomTestStringConvertible {
        let file: String
        let text: String
        var options: [String] = []
        /// Strategies that must have run; the others may be skipped.
        var strategies: Set<String> = ["dense", "csr-row", "csr-vector", "merge-path", "sell-c-sigma"]

        var testDescription: String { ([file] + options).joined(separator: " ") }
    }

    /// Lines of "row column" with a value after each, in no particular order, with rows left empty.
    private static func entries(_ rows: Int, _ columns: Int, isLower: Bool = false, value: (Int) -> String) -> [String]
    {
        var lines: [String] = []
        for index in 0..<(rows * columns) {
            let place = index * 7919 % (rows * columns)
            let (row, column) = place.quotientAndRemainder(dividingBy: columns)
            guard row % 5 != 3, (row * row + 3 * column) % 7 < 2, !isLower || column <= row else { continue }
            lines.append("\(row + 1) \(column + 1)\(value(index))")
        }
        return lines
    }

    private static func market(_ kind: String, _ rows: Int, _ columns: Int, _ lines: [String]) -> String {
        "%%MatrixMarket matrix coordinate \(kind)\n% written by a test\n\(rows) \(columns) \(lines.count)\n"
            + lines.joined(separator: "\n") + "\n"
    }

    private static func smtx() -> String {
        let rows = (0..<40).map { row in (0..<60).filter { (row * 11 + $0 * 5) % 9 == 0 && row % 4 != 1 } }
        let offsets = rows.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }
        return "40, 60, \(offsets.last ?? 0)\n" + offsets.map(String.init).joined(separator: " ") + "\n"
            + rows.joined().map(String.init).joined(separator: " ") + "\n"
    }

    static let cases = [
        Case(
            file: "real.mtx",
            text: market("real general", 53, 71, entries(53, 71) { " \(Double($0 % 31) * 0.37 - 5.1)" }),
            options: ["--shape", "N=24"]),
        Case(
            file: "integer.mtx",
            text: market("integer symmetric", 49, 49, entries(49, 49, isLower: true) { " \($0 % 9 - 4)" }),
            options: ["--shape", "N=1"]),
        Case(
            file: "pattern.mtx", text: market("pattern symmetric", 64, 64, entries(64, 64, isLower: true) { _ in "" }),
            options: ["--shape", "N=13,block=16"],
            strategies: ["dense", "csr-row", "csr-vector", "merge-path", "sell-c-sigma", "bsr"]),
        Case(file: "pruned.smtx", text: smtx(), options: ["--shape", "N=33"]),
        Case(
            file: "empty.mtx", text: market("real general", 6, 9, []), options: ["--shape", "N=5"],
            strategies: ["dense", "csr-row", "csr-vector", "merge-path"]),
        // As a dense matrix, or with a generated pattern, this would not fit any memory here.
        Case(
            file: "wide.mtx",
            text: market("real general", 200_000, 300_000, (1...50).map { "\($0 * 4000) \($0 * 6000) 0.\($0)" }),
            options: ["--shape", "N=1", "--strategy", "csr-row", "--strategy", "dense"], strategies: ["csr-row"]),
    ]

    @Test("a file's matrix is what runs, and SciPy gives the same product", arguments: cases)
    func matrixFile(_ given: Case) async throws {
        let place = try Workplace()
        try place.write(given.file, Data(given.text.utf8))
        let run = try await profile(place, ["--input", "a=\(given.file)"] + given.options)
        #expect(Set(run.devices.map(\.backend)) == ["cpu", "opencl", "vulkan"])
        for device in run.devices {
            let done = run.measurements.filter { $0.device == device.id && $0.status == .ok }.map(\.strategy)
            #expect(given.strategies.isSubset(of: done), "\(device.id) ran \(done)")
        }
        try await check(run, place, matrix: given.file)
    }

    @Test(
        "b comes from a .npy file of any number type, in C or Fortran order",
        arguments: ["<f8", ">f4", "<f2", "<i2", ">i8", "|u1"], [false, true])
    func arrayFile(type: String, isFortran: Bool) async throws {
        let place = try Workplace()
        let script = """
            import numpy
            values = numpy.random.default_rng(1).integers(0, 99, (30, 11)).astype("\(type)")
            numpy.save("b.npy", numpy.\(isFortran ? "asfortranarray" : "ascontiguousarray")(values))
            """
        let written = try await place.start(["-c", script], program: Workplace.python).outcome()
        #expect(written.exitCode == 0, "\(written.errors)")
        let run = try await profile(
            place,
            [
                "--input", "b=b.npy", "--shape", "M=20,K=30,N=11,density=40", "--device", "cpu", "--strategy",
                "csr-row",
            ])
        try await check(run, place, matrix: nil)
        let compared = try await place.start(
            [
                "-c",
                "import numpy; a = numpy.load('b.npy'); b = numpy.load('d/spmm/csr-row/cpu:0/b.npy'); "
                    + "assert (a == b).all() and a.any()",
            ], program: Workplace.python
        ).outcome()
        #expect(compared.exitCode == 0, "\(compared.errors)")
    }

    private func profile(_ place: Workplace, _ options: [String]) async throws -> RunRecord {
        let outcome = try await place.joulemark(
            ["profile", "--family", "spmm", "--dump", "d", "--json", "-", "--verify-only"] + options)
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        return try outcome.run()
    }

    /// Every result that was dumped, by SciPy.
    private func check(_ run: RunRecord, _ place: Workplace, matrix: String?) async throws {
        try await place.expectRecomputed(run, by: "check_spmm.py", matrix.map { [place.path($0)] } ?? [])
        #expect(run.measurements.allSatisfy { $0.status == .ok || $0.status == .skipped })
    }
}

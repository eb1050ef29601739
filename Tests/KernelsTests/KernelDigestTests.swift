import Kernels
import Testing

@Suite("Digests of kernels")
struct KernelDigestTests {
    private static let library = KernelLibrary.builtIn

    private func digest(_ library: KernelLibrary, _ strategy: String, _ backend: String) throws -> String {
        let catalogue = try Catalogue(library)
        return try library.digest(
            of: catalogue.strategy(strategy, of: catalogue.family("attention")), backend: backend)
    }

    private func changed(_ path: String) throws -> KernelLibrary {
        Self.library.adding(try Self.library.text(path) + "\n", at: path)
    }

    @Test(
        "a change in anything that a program is made from shows, also in what its bindings include or its function imports",
        arguments: [
            ("flash", "cpu", "attention/flash/flash.c"), ("flash", "cpu", "attention/flash_rows.h"),
            ("flash", "cpu", "cpu/include/joulemark_kernel.h"), ("flash", "cpu", "cpu/include/joulemark_storage.h"),
            ("flash", "cpu", "attention/flash/strategy.json"), ("flash", "cpu", "attention/family.json"),
            ("flash", "vulkan", "attention/flash.glsl"), ("flash", "vulkan", "storage.glsl"),
            ("flash", "opencl", "opencl/tiles.cl"), ("torch-flash", "python", "attention/sdpa.py"),
        ])
    func sees(strategy: String, backend: String, path: String) throws {
        let before = try digest(Self.library, strategy, backend)
        #expect(try before == digest(Self.library, strategy, backend))
        #expect(try before != digest(changed(path), strategy, backend))
        #expect(try Self.library.digest() != changed(path).digest())
    }

    @Test("what a backend does not use, and what another strategy has, changes nothing")
    func others() throws {
        for (path, backend) in [
            ("attention/flash/flash.c", "opencl"), ("opencl/tiles.cl", "cpu"), ("attention/sdpa.py", "cpu"),
            ("attention/unfused/strategy.json", "cpu"), ("gelu/gelu.glsl", "vulkan"),
        ] {
            #expect(try digest(Self.library, "flash", backend) == digest(changed(path), "flash", backend), "\(path)")
        }
    }

    @Test("the sources to read are the stage's own first, then what the family's folder has of it")
    func sources() throws {
        let catalogue = try Catalogue(Self.library)
        let strategy = try catalogue.strategy("flash", of: catalogue.family("attention"))
        let paths = try Self.library.sources(of: strategy, named: ["flash"], backend: "cpu")
        #expect(paths.first == "attention/flash/flash.c" && paths.contains("attention/flash_rows.h"))
        #expect(Set(paths).count == paths.count && paths.allSatisfy { $0.hasPrefix("attention/") })
        #expect(try Self.library.sources(of: strategy, named: ["flash"], backend: "elsewhere").isEmpty)
    }
}

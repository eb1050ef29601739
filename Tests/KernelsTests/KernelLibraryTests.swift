import FoundationEssentials
import Kernels
import Testing

@Suite("Kernel library")
struct KernelLibraryTests {
    private func resolved(_ files: [String: String], _ path: String = "sample/plain/first.cl") throws -> String {
        var kernels = SampleKernels()
        kernels.files.merge(files) { $1 }
        return try withTemporaryFolder { folder in
            try kernels.write(to: folder)
            return try KernelLibrary.builtIn.adding(directory: folder).textResolvingIncludes(path)
        }
    }

    @Test("an include is replaced by its file, and #line points back")
    func includes() throws {
        #expect(
            try resolved([:]) == """
                #line 1 "sample/shared.h"
                #define SHARED 1

                #line 2 "sample/plain/first.cl"
                kernel void first() {}


                """)
    }

    @Test("each file is included once, also when two include each other")
    func once() throws {
        let text = try resolved([
            "sample/plain/first.cl": "#include \"../shared.h\"\n#include \"../shared.h\"\nint x;",
            "sample/shared.h": "#include \"plain/first.cl\"\nint shared;",
        ])
        #expect(text.components(separatedBy: "int shared;").count == 2)
        #expect(text.components(separatedBy: "int x;").count == 2)
    }

    @Test("an include inside a comment or a string, and one of <file>, stays as it is")
    func comments() throws {
        let source = """
            /* see
            #include "nowhere.h"
            */ // #include "nowhere.h"
            #include <stdint.h>
            // a comment that opens nothing: /*
            char *s = "/*"; char c = '"'; /* " */
            #  include "../shared.h"
            """
        let text = try resolved(["sample/plain/first.cl": source])
        #expect(text.contains("#include \"nowhere.h\"\n*/"))
        #expect(text.contains("#include <stdint.h>"))
        #expect(text.contains("#define SHARED 1"))
    }

    @Test(
        "what a compiler would look for outside the folders is refused, with its line",
        arguments: [
            "#include \"/etc/passwd\"", "#include </etc/passwd>", "#include <../../../etc/passwd>",
            "#include \"../../../etc/passwd\"", "# include/**/\"/etc/passwd\"", "%:include \"/etc/passwd\"",
            "/* a */ #/* b\n */include \"/etc/passwd\"", "#inc\\\nlude \"/etc/passwd\"", "#include FILE",
            "#include_next \"/etc/passwd\"", "#embed \"/etc/passwd\"", "#import \"/etc/passwd\"",
            "#include \"absent.h\"",
        ])
    func confined(directive: String) throws {
        let message = try #require(try complaint("int a;\n\(directive)\nint b;\n"))
        #expect(message.contains("sample/plain/first.c:2: includes "), "\(message)")
    }

    @Test("files of the folders and headers of the C library are included, and what only looks like a directive stands")
    func permitted() throws {
        let source = """
            #include "../shared.h"
            #include "sample/shared.h"
            #include <sys/types.h>
            // #include "/etc/passwd"
            /* #include "/etc/passwd"
            #include "/etc/passwd" */
            const char *text = "/*";
            #includes_nothing
            """
        #expect(try complaint(source) == nil)
    }

    private func complaint(_ source: String) throws -> String? {
        var kernels = SampleKernels()
        kernels.files["sample/plain/first.c"] = source
        return try withTemporaryFolder { folder in
            try kernels.write(to: folder)
            let library = try KernelLibrary.builtIn.adding(directory: folder)
            do {
                try library.checkIncludes(of: "sample/plain/first.c", searching: ["."], allowsSystem: true)
                return nil
            } catch let error as KernelError {
                return error.description
            }
        }
    }

    @Test("files with Windows line ends resolve their includes too")
    func windowsLines() throws {
        let text = try resolved(["sample/plain/first.cl": "#include \"../shared.h\"\r\nint x;\r\n"])
        #expect(text.contains("#define SHARED 1") && !text.contains("#include"))
    }

    @Test("an include that is not there names file and line")
    func missing() {
        let error = #expect(throws: KernelError.self) {
            try resolved(["sample/plain/first.cl": "int x;\n#include \"../../../tiles.h\"\n"])
        }
        #expect(error?.description.hasSuffix("first.cl:2: includes '../../../tiles.h', which is not there") == true)
    }

    @Test("a folder's files never replace what is there")
    func clash() throws {
        try withTemporaryFolder { folder in
            var kernels = SampleKernels()
            kernels.files["attention/flash/strategy.json"] = "{}"
            try kernels.write(to: folder)
            let error = #expect(throws: KernelError.self) { try KernelLibrary.builtIn.adding(directory: folder) }
            #expect(
                error?.description
                    == "\(folder)/attention/flash/strategy.json: the strategy 'attention/flash' is already there"
                    + " (kernels/attention/flash/strategy.json); choose another name, nothing is replaced")
            kernels.files["attention/flash/strategy.json"] = nil
        }
        try withTemporaryFolder { folder in
            try SampleKernels().write(to: folder)
            let once = try KernelLibrary.builtIn.adding(directory: folder)
            #expect(throws: KernelError.self) { try once.adding(directory: folder) }
        }
    }

    @Test("a ready SPIR-V module is taken as it is; what is none is refused")
    func modules() throws {
        try withTemporaryFolder { folder in
            try SampleKernels().write(to: folder)
            let file = URL(filePath: folder).appending(path: "sample/plain/first.f32.spv")
            let module: [UInt8] = [3, 2, 0x23, 7] + [UInt8](repeating: 1, count: 16)
            try Data(module).write(to: file)
            let library = try KernelLibrary.builtIn.adding(directory: folder)
            #expect(try library.bytes("sample/plain/first.f32.spv") == module)
            try Data("no module at all".utf8).write(to: file)
            let error = #expect(throws: KernelError.self) { try KernelLibrary.builtIn.adding(directory: folder) }
            #expect(error?.description == "\(file.path): is not a SPIR-V module")
        }
    }

    @Test("a folder that is not there or holds no kernels is an error that names it")
    func empty() throws {
        let absent = #expect(throws: KernelError.self) { try KernelLibrary.builtIn.adding(directory: "/nowhere") }
        #expect(absent?.description == "/nowhere: is not a folder that can be read")
        try withTemporaryFolder { folder in
            let error = #expect(throws: KernelError.self) { try KernelLibrary.builtIn.adding(directory: folder) }
            #expect(error?.description.hasPrefix("\(folder): holds no kernels") == true)
        }
    }

    @Test("the embedded files are those of kernels/, byte for byte")
    func embedded() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "kernels")
        var compared = 0
        for path in KernelLibrary.builtIn.paths where !path.hasSuffix(".spv") {
            let onDisk = try Data(contentsOf: root.appending(path: path))
            #expect(try KernelLibrary.builtIn.bytes(path) == [UInt8](onDisk), "\(path)")
            compared += 1
        }
        #expect(compared > 5)
    }
}

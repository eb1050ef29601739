import Backends
import Foundation
import Glibc
import TestSupport
import Testing

@Suite("The cache of compiled kernels")
struct CompiledEntryTests {
    /// A folder for a test, with a draft as a compiler leaves it.
    private final class Cache {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("cache-\(UUID().uuidString)")
        var entry: CompiledEntry { CompiledEntry(folder: path("0123"), product: "stages.so") }

        init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(at: url) }

        func path(_ name: String) -> String { url.appendingPathComponent(name).path }

        func draft(_ content: String) throws -> String {
            let draft = path("0123.\(getpid())")
            try FileManager.default.createDirectory(atPath: draft, withIntermediateDirectories: true)
            try Data(content.utf8).write(to: URL(fileURLWithPath: "\(draft)/stages.so"))
            return draft
        }
    }

    @Test("what was compiled is found again, whole; one that lost its end is not, and is replaced")
    func damaged() throws {
        let cache = try Cache()
        #expect(!cache.entry.isWhole)
        #expect(cache.entry.take(try cache.draft("machine code")) == nil)
        #expect(cache.entry.isWhole)

        try Data("machine".utf8).write(to: URL(fileURLWithPath: cache.entry.path))
        #expect(!cache.entry.isWhole)
        #expect(cache.entry.take(try cache.draft("machine code")) == nil)
        #expect(cache.entry.isWhole)
        #expect(FileManager.default.contents(atPath: cache.entry.path) == Data("machine code".utf8))
    }

    @Test("an entry to which others may write is not believed, nor one through a link")
    func writable() throws {
        let cache = try Cache()
        #expect(cache.entry.take(try cache.draft("machine code")) == nil)
        _ = unsafe chmod(cache.entry.folder, 0o777)
        #expect(!cache.entry.isWhole)
        _ = unsafe chmod(cache.entry.folder, 0o700)
        #expect(cache.entry.isWhole)
        try FileManager.default.moveItem(atPath: cache.entry.folder, toPath: cache.path("elsewhere"))
        try FileManager.default.createSymbolicLink(
            atPath: cache.entry.folder, withDestinationPath: cache.path("elsewhere"))
        #expect(!cache.entry.isWhole)
    }

    @Test("an entry of another user's is not believed", .enabled(if: geteuid() == 0, "only root can make one"))
    func foreign() throws {
        let cache = try Cache()
        #expect(cache.entry.take(try cache.draft("machine code")) == nil)
        let nobody = try #require(OrdinaryUser.nobody())
        _ = unsafe chown(cache.entry.folder, nobody.userID, nobody.groupID)
        #expect(!cache.entry.isWhole)
    }

    @Test("drafts of processes that are gone are removed, those of living ones stay")
    func drafts() throws {
        let cache = try Cache()
        let living = try cache.draft("half")
        // A process that has ended and been reaped: its number is free.
        let process = try Process.run(URL(fileURLWithPath: "/bin/true"), arguments: [])
        process.waitUntilExit()
        let abandoned = cache.path("4567.\(process.processIdentifier)")
        try FileManager.default.createDirectory(atPath: abandoned, withIntermediateDirectories: true)
        CompiledEntry.removeAbandonedDrafts(in: cache.url.path)
        #expect(FileManager.default.fileExists(atPath: living))
        #expect(!FileManager.default.fileExists(atPath: abandoned))
    }
}

import Profiling
import Testing

@Suite("Workers that compile ahead")
struct PrecompilationTests {
    @Test(
        "they take half of the machine's memory together, two gigabytes each at least, and no more cores than there are",
        arguments: [
            (cores: 2, gigabytes: 24, count: 2), (cores: 16, gigabytes: 8, count: 2),
            (cores: 64, gigabytes: 512, count: 8), (cores: 8, gigabytes: 3, count: 1),
            (cores: 0, gigabytes: 0, count: 1),
        ])
    func bounds(cores: Int, gigabytes: Int, count: Int) {
        let memory = gigabytes << 30
        let workers = PrecompilationWorkers(cores: cores, memoryBytes: memory)
        #expect(workers.count == count)
        #expect(workers.count * workers.bytes <= memory / 2)
        #expect(workers.count == 1 || workers.bytes >= 2 << 30)
    }
}

import Foundation
import Results
import TestSupport
import Testing

/// `joulemark inspect`, on drivers that tell little: every figure is there all the same, as a number or with a reason.
@Suite("Inspecting")
struct InspectTests {
    @Test("every stage, with a value or a reason for every figure", arguments: ["vulkan", "opencl"])
    func figures(_ backend: String) async throws {
        let place = try Workplace()
        let outcome = try await place.joulemark([
            "inspect", "attention/unfused", "--device", backend, "--shape", "D=64,Lq=70,Lk=90", "--json", "-",
        ])
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        let listing = try #require(
            try JSONSerialization.jsonObject(with: Data(outcome.text.utf8)) as? [String: Any])
        #expect(listing["schemaVersion"] as? Int == 1)
        let device = try #require((listing["devices"] as? [[String: Any]])?.first)
        let programs = try #require(device["programs"] as? [[String: Any]])
        #expect(programs.map { $0["stage"] as? String } == ["scores", "softmax", "values"])
        for program in programs {
            let compiled = try #require(program["compiled"] as? [String: Any])
            let figures = try #require(compiled["figures"] as? [String: [String: Any]])
            #expect(figures.count == 9)
            for (name, figure) in figures {
                let isKnown = figure["value"] is NSNumber
                #expect(isKnown == (figure["provenance"] as? String != "unavailable"), "\(name): \(figure)")
                #expect(isKnown || (figure["reason"] as? String)?.isEmpty == false, "\(name): \(figure)")
            }
            #expect(figures["sharedMemoryBytes"]?["value"] is NSNumber)
        }
    }

    @Test("a result has the figures of what it timed, and neither a processor nor its OpenCL has any")
    func figuresOfResult() async throws {
        let place = try Workplace()
        let outcome = try await place.joulemark([
            "profile", "--family", "attention", "--strategy", "unfused", "--shape", "D=64,Lq=70,Lk=90", "--device",
            "vulkan",
            "--device", "opencl", "--device", "cpu", "--time-limit", "0.2", "--energy", "off", "--no-history", "--json",
            "-",
        ])
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        let run = try outcome.run()
        for measurement in run.measurements {
            guard measurement.device.hasPrefix("vulkan") else {
                #expect(measurement.compiled == nil)
                continue
            }
            let compiled = try #require(measurement.compiled)
            #expect(compiled.keys.sorted() == ["scores", "softmax", "values"])
            #expect(compiled.values.allSatisfy { $0.sharedMemoryBytes.provenance == .computed })
            #expect(
                compiled.values.allSatisfy { $0.registers.provenance == .unavailable && $0.registers.reason != nil })
        }
        #expect(Set(run.measurements.map(\.device)).count == 3)
    }

    @Test("the table says what was computed and what nobody tells")
    func table() async throws {
        let place = try Workplace()
        let outcome = try await place.joulemark([
            "inspect", "attention/flash", "--device", "vulkan", "--shape", "D=64,Lq=70,Lk=90",
        ])
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        let words = outcome.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        // 64 rows of queries and 64 keys in slices of 5 vectors, 64 rows of weights in 17.
        let vectors: Int = 64 * 5 + 64 * 5 + 64 * 17
        #expect(words.contains("\(16 * vectors)*"), "\(outcome.text)")
        #expect(words.contains("* computed from the sizes of the module's shared variables"))
        #expect(words.contains("– unavailable: the driver does not have VK_KHR_pipeline_executable_properties"))
    }

    @Test(
        "what does not exist is named",
        arguments: [
            ("attention/", "expected FAMILY/STRATEGY"), ("attention/flush", "flush"), ("attenti", "attenti"),
            ("a/b/c", "expected FAMILY/STRATEGY"),
        ])
    func wrongNames(operand: String, complaint: String) async throws {
        let place = try Workplace()
        let outcome = try await place.joulemark(["inspect", operand, "--device", "vulkan"])
        #expect(outcome.exitCode == 64, "\(outcome.errors)")
        #expect(outcome.errors.contains(complaint), "\(outcome.errors)")
    }
}

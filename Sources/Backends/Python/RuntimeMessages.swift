import Kernels

/// What is said to a runtime and by it, as docs/worker-protocol.md describes: `{"<request>": {…}}`, then `{"ok": {…}}`
/// or `{"failed": {…}}`.
enum RuntimeMessages {
    /// Of all messages; a runtime of another version is refused.
    static let protocolVersion = 1

    struct Nothing: Codable {}

    struct List: Encodable {
        let protocolVersion = RuntimeMessages.protocolVersion
    }

    struct Open: Encodable {
        let protocolVersion = RuntimeMessages.protocolVersion
        let index: Int
        let threads: Int
        /// Folders of the user's with strategies in them.
        let kernels: [String]
    }

    /// An answer that says first which version it is of; one of another version is not read further.
    struct Versioned<Content: Decodable>: Decodable {
        let protocolVersion: Int
        /// `nil`: of another version.
        let content: Content?

        private enum CodingKeys: CodingKey { case protocolVersion }

        init(from decoder: any Decoder) throws {
            protocolVersion = try decoder.container(keyedBy: CodingKeys.self).decode(Int.self, forKey: .protocolVersion)
            content = protocolVersion == RuntimeMessages.protocolVersion ? try Content(from: decoder) : nil
        }
    }

    struct Opened: Decodable {
        let device: FoundDevice
        let codePath: String
        let precisions: [Precision]
    }

    struct Listing: Decodable {
        let devices: [FoundDevice]
    }

    struct FoundDevice: Decodable {
        /// In the words of its framework: `host`, `cpu`, `cuda:0`.
        let target: String
        /// What else than Python runs there, for people.
        let driver: String?
        let python: String?
        let executable: String?
        /// Versions by module, the framework's own among them.
        let frameworks: [String: String]
        /// `nil` for the host's processor.
        let name: String?
        let vendor: String?
        let pciAddress: String?
        let computeUnits: Int?
        let memoryBytes: Int?
        let cacheBytes: Int?
    }

    struct MakeBuffer: Encodable {
        let id: Int
        let byteCount: Int
    }

    struct Transfer: Encodable {
        let id: Int
        let byteCount: Int
        let file: String
    }

    struct Fill: Encodable {
        let id: Int
        let pattern: UInt32
    }

    struct MakeStage: Encodable {
        struct Tensor: Encodable {
            let name: String
            let type: ElementType
            let shape: [Int]
        }

        let id: Int
        let family: String
        let strategy: String
        let name: String
        let module: String
        let precision: Precision
        let reads: [Tensor]
        let writes: [Tensor]
        let numbers: [String: Number]
    }

    /// An integer or a real number, as JSON has them.
    struct Number: Encodable {
        let value: ScalarValue

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch value {
            case .integer(let integer): try container.encode(integer)
            case .real(let real): try container.encode(real)
            }
        }
    }

    struct Release: Encodable {
        /// `buffer` or `stage`.
        let kind: String
        let id: Int
    }

    struct Run: Encodable {
        struct Dispatch: Encodable {
            let stage: Int
            let buffers: [Int]
        }

        let dispatches: [Dispatch]
        let repetitions: Int
        /// `none`, `repetitions` or `stages`.
        let timing: String
    }

    struct Ran: Decodable {
        let totalHostSeconds: Double
        let hostSeconds: [Double]
        let deviceSeconds: [Double]?
        let stageSeconds: [[Double]]
    }

    struct Failure: Decodable {
        let kind: String
        let reason: String

        var error: BackendError {
            let code: BackendError.Code =
                switch kind {
                case "missing": .missing
                case "compilation": .compilation
                case "outOfMemory": .outOfMemory
                case "unsupported": .unsupported
                case "function": .function
                default: .driver
                }
            return BackendError(code, code == .outOfMemory ? "out of memory: \(reason)" : reason)
        }
    }

    struct Answer<Content: Decodable>: Decodable {
        let ok: Content?
        let failed: Failure?
    }
}

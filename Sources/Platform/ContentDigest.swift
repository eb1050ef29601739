/// A digest of texts, to name files after all that they were made from: 64-bit FNV-1a, twice with different beginnings
/// (Fowler, Noll and Vo). Enough to tell sources apart; no defence against forgery.
public struct ContentDigest: Sendable {
    private var low: UInt64 = 0xcbf2_9ce4_8422_2325
    private var high: UInt64 = 0x6c62_272e_07bb_0142

    public init() {}

    public mutating func add(_ text: String) { add(text.utf8) }

    public mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            low = (low ^ UInt64(byte)) &* 0x100_0000_01b3
            high = (high ^ UInt64(byte ^ 0x5a)) &* 0x100_0000_01b3
        }
        // An end mark that is no byte of UTF-8, so that "ab", "c" and "a", "bc" differ.
        low = (low ^ 0xff) &* 0x100_0000_01b3
        high = (high ^ 0xa5) &* 0x100_0000_01b3
    }

    /// 32 digits.
    public var hexadecimal: String {
        [high, low].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

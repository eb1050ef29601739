import Kernels
import Results

/// A device while it is measured: the connections to it, and what is known of its peaks.
final class MeasuredDevice {
    let record: DeviceRecord
    /// In the run's record.
    let position: Int
    /// To the device with this build's kernels, and with those of the one that it takes turns with.
    let sides: [(side: TurnsRecord.Side, connection: DeviceConnection)]
    var peaks: PeakMeasurement?

    init(
        _ record: DeviceRecord, at position: Int, sides: [(side: TurnsRecord.Side, connection: DeviceConnection)]
    ) {
        self.record = record
        self.position = position
        self.sides = sides
    }

    var connections: [DeviceConnection] { sides.map(\.connection) }

    func close() { connections.forEach { $0.close() } }
}

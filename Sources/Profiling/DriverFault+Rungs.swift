import Backends
import Kernels
import Results

extension DriverFault {
    /// Why a stage's rung is not to be trusted on a device; `nil`: nothing is known against it.
    package static func complaint(of stage: StagePlan, on device: DeviceRecord) -> String? {
        guard let variant = stage.variant else { return nil }
        return all.first { fault in
            fault.variants?.contains(variant) == true && fault.concerns(device)
                && fault.concerns(family: stage.family, strategy: stage.strategy)
        }.map { fault in
            "is known to fail here: \([fault.reason, fault.link].compactMap(\.self).joined(separator: ", "))"
        }
    }
}

/// The exact commands that mend what keeps a power source from being read.
package enum Fix {
    /// `energy_uj` is readable by root alone since CVE-2020-8694; a mode set by hand is lost at the next boot.
    static let powercapRule = #"""
        sudo groupadd --force powercap && sudo usermod --append --groups powercap "$USER" && echo 'SUBSYSTEM=="powercap", ACTION=="add", RUN+="/bin/sh -c '"'"'chgrp powercap /sys%p/energy_uj && chmod g+r /sys%p/energy_uj'"'"'"' | sudo tee /etc/udev/rules.d/60-powercap-energy.rules && sudo udevadm control --reload && sudo udevadm trigger --action=add --subsystem-match=powercap
        """#
    static let powercapAlternatives =
        #"then log in again. Or, for this program alone: sudo setcap cap_dac_read_search+ep "$(command -v joulemark)". Or run joulemark as root"#

    static func powercap(_ fault: ReadFault) -> String? {
        fault == .permission ? "to mend it for good: \(powercapRule) ; \(powercapAlternatives)" : nil
    }

    static func hwmon(_ fault: ReadFault, file: String) -> String? {
        switch fault {
        case .permission: "to mend it until the next boot: sudo chmod a+r \(file)"
        case .disabled: "the driver has switched the sensor off; a device that sleeps wakes when work is sent to it"
        default: nil
        }
    }

    static let perfParanoid =
        #"to mend it for good: echo 'kernel.perf_event_paranoid = 0' | sudo tee /etc/sysctl.d/60-perf-power.conf && sudo sysctl --system . Or, for this program alone: sudo setcap cap_perfmon+ep "$(command -v joulemark)""#
}

"""What a result file says is wrong or failed, a line each, and how many measurements were right.

failures.py FILE...             exit code 1 where something fails that is not among the known faults of drivers,
                                Sources/Backends/Faults/faults.json
"""

import json
import pathlib
import re
import sys

FAULTS = json.loads((pathlib.Path(__file__).resolve().parents[2] / "Sources/Backends/Faults/faults.json").read_text())["faults"]


def version(text):
    """The numbers of the first word that is a version; none where no word is."""
    words = [word for word in text.split() if re.match(r"\d+\.", word)]
    return [int(number) for number in re.findall(r"\d+", words[0])] if words else []


def reason(measurement, device):
    """Why it is known to fail; None where it is not. What is done about the other faults keeps them from failing."""
    for fault in FAULTS:
        if "variants" in fault or "environment" in fault:
            continue
        if (
            fault["backend"] == device["backend"]
            and any(name in device["driver"] for name in fault["drivers"])
            and version(device["driver"]) >= version(fault.get("since", ""))
            and any(name in device["name"] for name in fault.get("devices", [""]))
            and measurement["family"] in fault.get("families", [measurement["family"]])
            and measurement["strategy"] in fault.get("strategies", [measurement["strategy"]])
        ):
            return fault["reason"]
    return None


unknown = 0
for path in sys.argv[1:]:
    run = json.loads(pathlib.Path(path).read_text())
    devices = {device["id"]: device for device in run["devices"]}
    for measurement in run["measurements"]:
        if measurement["status"] not in ("incorrect", "failed"):
            continue
        why = reason(measurement, devices[measurement["device"]])
        unknown += why is None
        said = f"known: {why}" if why else f"{measurement['status']}: {measurement['message']}"
        name = f"{measurement['family']}/{measurement['strategy']}"
        print(f"{name} {measurement['precision']} {measurement['workload']}: {said}")
    print(sum(measurement["status"] == "ok" for measurement in run["measurements"]), "right")
sys.exit(1 if unknown else 0)

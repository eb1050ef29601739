"""What a result file says is wrong or failed, a line each, and how many measurements were right.

failures.py FILE DRIVER         exit code 1 where something fails that is not among the known faults of the driver
"""

import json
import sys

# (driver, what the measurement's name begins with): the driver's fault, seen on the version that its tree has.
KNOWN = {
    ("rusticl-sid", "attention/flash"): "rusticl 26.2 on llvmpipe ends the process in the first dispatch, at every shape",
    ("rusticl-trixie", "attention/flash"): "rusticl 25.0 on llvmpipe ends the process in the first dispatch, at every shape",
}

measurements = json.load(open(sys.argv[1]))["measurements"]
unknown = 0
for measurement in measurements:
    if measurement["status"] not in ("incorrect", "failed"):
        continue
    name = f"{measurement['family']}/{measurement['strategy']}"
    reasons = [why for (driver, start), why in KNOWN.items() if driver == sys.argv[2] and name.startswith(start)]
    unknown += not reasons
    said = f"known: {reasons[0]}" if reasons else f"{measurement['status']}: {measurement['message']}"
    print(f"{name} {measurement['precision']} {measurement['workload']}: {said}")
print(sum(measurement["status"] == "ok" for measurement in measurements), "right")
sys.exit(1 if unknown else 0)

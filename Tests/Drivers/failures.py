"""What a result file says is wrong or failed, a line each, and how many measurements were right: failures.py FILE"""

import json
import sys

measurements = json.load(open(sys.argv[1]))["measurements"]
for measurement in measurements:
    if measurement["status"] in ("incorrect", "failed"):
        print(
            f"{measurement['family']}/{measurement['strategy']} {measurement['precision']} {measurement['workload']}: "
            f"{measurement['status']}: {measurement['message']}")
print(sum(measurement["status"] == "ok" for measurement in measurements), "right")

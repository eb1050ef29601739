"""Profiles our CPU kernels and their peers in turn, on the same inputs with as many threads, and prints ratios with
intervals."""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

import tables
from rows import all_rows

# The least and the largest of six ratios hold their median with 97 %, whatever their distribution.
TURNS = 6


def arguments():
    parser = argparse.ArgumentParser(prog="Benchmarks/peers/run", description=__doc__)
    parser.add_argument("--program", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--python", default=sys.executable, metavar="PATH", help="the interpreter that has the peers")
    parser.add_argument("--threads", type=int, help="threads of both sides (default: the cores of this machine)")
    parser.add_argument("--only", metavar="TEXT", action="append", default=[], help="rows whose name holds TEXT; may repeat")
    parser.add_argument("--seconds", type=float, default=4.0, help="timing of each side of a row, at most (default: 4)")
    parser.add_argument("--json", metavar="FILE", help="write all that was measured as JSON")
    parser.add_argument("--markdown", metavar="FILE", help="write the tables as Markdown")
    parser.add_argument("--check", action="store_true", help="exit code 2 when a ratio is surely below its target")
    return parser.parse_args()


class Refused(Exception):
    """A row that could not be measured, with the reason."""

    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status


class Comparison:
    """Runs `joulemark profile` for rows; whatever measures, verifies and compares is over there."""

    def __init__(self, options):
        self.options = options
        self.folder = tempfile.TemporaryDirectory(prefix="joulemark-peers-")
        self.last = None

    def profile(self, family, sides, seconds):
        """A run's record. Both sides repeat one set of inputs, and energy is another question."""
        file = pathlib.Path(self.folder.name) / "run.json"
        command = [self.options.program, "profile", "--family", family, "--hot", "--energy", "off", "--quiet",
                   "--no-history", "--time-limit", str(seconds), "--python", self.options.python, "--json", str(file),
                   "--shape", ",".join(f"{key}={value}" for key, value in sides[0].shape.items())]
        threads = sides[0].threads or self.options.threads
        if threads:
            command += ["--threads", str(threads)]
        for side in sides:
            command += ["--strategy", side.strategy]
        for device in dict.fromkeys(["cpu:0"] + [side.device for side in sides]):
            command += ["--device", device]
        file.unlink(missing_ok=True)
        result = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if not file.exists():
            raise Refused("failed", (result.stderr.strip().splitlines() or ["joulemark wrote no result"])[-1])
        run = json.loads(file.read_text())
        if run["interrupted"]:
            raise KeyboardInterrupt
        self.last = run
        return run

    def measure(self, row):
        """What the row's two sides took; what cannot run is skipped with the reason."""
        result = {"name": row.name, "family": row.family, "strategy": row.ours.strategy, "parameters": row.ours.shape,
                  "stage": row.stage, "peer": row.peer_name, "target": row.target}
        try:
            return result | (self.runs_in_turn(row) if row.takes_turns else self.rounds_in_turn(row))
        except Refused as refusal:
            return result | {refusal.status: str(refusal)}

    def rounds_in_turn(self, row):
        """Both sides in one run, round by round: the ratio and its interval are the program's own."""
        run = self.profile(row.family, [row.ours, row.peer], self.options.seconds)
        ours, peer = measured(run, row.ours), measured(run, row.peer)
        comparisons = run["comparisons"] + (run["processorComparisons"] or [])
        if not comparisons:
            raise Refused("failed", "the run holds no comparison of the two")
        comparison = comparisons[0]
        low, high = comparison["speedupInterval"]
        ratio = comparison["speedup"]
        # A comparison says how much faster its strategy is than its baseline, which is the faster of two devices.
        if comparison["strategy"] != row.ours.strategy:
            ratio, low, high = 1 / ratio, 1 / high, 1 / low
        return summary(ours, peer, ratio, [low, high])

    def runs_in_turn(self, row):
        ratios, last = [], None
        seconds = self.options.seconds / TURNS
        for _ in range(TURNS):
            if row.stage is None:
                ours = measured(self.profile(row.family, [row.ours], seconds), row.ours)
                peer = measured(self.profile(row.family, [row.peer], seconds), row.peer)
            else:
                run = self.profile(row.family, [row.ours, row.peer], seconds)
                ours, peer = measured(run, row.ours), measured(run, row.peer)
            ratios.append(seconds_of(peer, row.stage) / seconds_of(ours, row.stage))
            last = ours, peer
        return summary(*last, statistics.median(ratios), [min(ratios), max(ratios)], row.stage) | {"ratios": ratios}


def measured(run, side):
    found = [m for m in run["measurements"] if (m["strategy"], m["device"]) == (side.strategy, side.device)]
    if not found:
        raise Refused("skipped", f"{side.device} has no {side.strategy}")
    if found[0]["status"] != "ok":
        status = "skipped" if found[0]["status"] == "skipped" else "failed"
        raise Refused(status, f"{side.strategy}: {found[0]['message']}")
    return found[0]


def seconds_of(measurement, stage):
    if stage is None:
        return measurement["time"]["median"]
    return next(record["median"] for record in measurement["time"]["stages"] if record["name"] == stage)


def summary(ours, peer, ratio, interval, stage=None):
    """What a row keeps of its last run."""
    def side(measurement):
        return {"median": seconds_of(measurement, stage), "codePath": measurement["codePath"],
                "samples": measurement["time"]["samples"],
                "normalisedError": measurement["verification"]["normalizedMeanSquaredError"]}

    derived = ours["derived"]
    return {"ours": side(ours), "theirs": side(peer), "ratio": ratio, "ratioInterval": interval,
            # Of the whole, so not of a stage.
            "fractionOfRoofline": derived["fractionOfRoofline"] if stage is None else None,
            "flopsPerSecond": derived["flopsPerSecond"] if stage is None else None,
            "bytesPerSecond": derived["bytesPerSecond"] if stage is None else None}


def main():
    options = arguments()
    rows = [row for row in all_rows() if not options.only or any(
        text in f"{row.family}/{row.ours.strategy} {row.stage or ''} {row.name} {row.peer_name}" for text in options.only)]
    if not rows:
        sys.exit("no row's name holds " + " or ".join(options.only))
    comparison = Comparison(options)
    results = []
    for row in rows:
        results.append(comparison.measure(row))
        print(tables.line(results[-1]), file=sys.stderr, flush=True)
    if comparison.last is None:
        sys.exit("nothing could be measured")
    run = comparison.last
    record = {
        "schemaVersion": 2, "finishedAt": run["finishedAt"], "tool": run["tool"], "host": run["host"],
        "threads": options.threads or next(d["computeUnits"] for d in run["devices"] if d["id"] == "cpu:0"), "rows": results}
    text = tables.markdown(record)
    print(text)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    if options.markdown:
        pathlib.Path(options.markdown).write_text(text + "\n")
    if any("failed" in result for result in results):
        sys.exit(1)
    if options.check and any(result["ratioInterval"][1] < result["target"] for result in results if "ratio" in result):
        sys.exit(2)


if __name__ == "__main__":
    main()

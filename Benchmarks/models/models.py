"""Whole models in PyTorch, eager and compiled, beside the same model composed of our kernels and run as one chain, in
turn on one processor with as many threads; prints a table of ratios with intervals."""

import argparse
import datetime
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
SHAPES = HERE / "shapes"
MODES = ["eager", "compiled"]
RATIOS = [("eager", "composed"), ("compiled", "composed"), ("eager", "chained"), ("compiled", "chained"), ("chained", "composed")]


def arguments():
    parser = argparse.ArgumentParser(prog="Benchmarks/models/run", description=__doc__)
    parser.add_argument("--program", default=ROOT / ".build/release/joulemark", help=argparse.SUPPRESS)
    parser.add_argument("--python", default=sys.executable, metavar="PATH", help="the interpreter that has PyTorch")
    parser.add_argument("--model", action="append", choices=["gpt2-small", "llama-shaped"], help="may repeat; default: both")
    parser.add_argument("--phase", action="append", choices=["prefill", "decode"], help="may repeat; default: both")
    parser.add_argument("--context", type=int, default=512, help="tokens (default: 512)")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="of both sides (default: all)")
    parser.add_argument("--turns", type=int, default=6, help="of all sides (default: 6)")
    parser.add_argument("--passes", type=int, default=3, help="of PyTorch in each turn (default: 3)")
    parser.add_argument("--seconds", type=float, default=1.0, help="timing of each of our kernels in each turn, at most (default: 1)")
    parser.add_argument("--sysfs", metavar="DIR", help="in place of /sys")
    parser.add_argument("--json", metavar="FILE", help="write all that was measured as JSON")
    parser.add_argument("--markdown", metavar="FILE", help="write the table as Markdown")
    return parser.parse_args()


def file_of(model):
    own = SHAPES / model / "model.json"
    return own if own.exists() else ROOT / "models" / model / "model.json"


class Peer:
    """A whole model in PyTorch in a process of its own, idle between its turns."""

    def __init__(self, options, model, phase, mode):
        self.process = subprocess.Popen(
            [options.python, HERE / "whole.py", file_of(model), phase, str(options.context), str(options.threads), mode],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.about = self.answer()
        if not self.about["finite"] or self.about["differenceFromEager"] > 1e-4:
            sys.exit(f"{model} in PyTorch, {mode}: the result is not what the eager model computes")

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"PyTorch ended with {self.process.wait()}")
        return json.loads(line)

    def ask(self, command):
        print(command, file=self.process.stdin, flush=True)

    def passes(self, count):
        self.ask(f"passes {count}")
        return statistics.median(self.answer())

    def joules(self, options, seconds):
        """Joules and seconds of a pass while nothing else is asked for; None where the machine does not tell."""
        self.ask(f"run {seconds + 2}")
        command = [options.program, "monitor", "--count", "1", "--interval", str(seconds), "--json", "-"]
        told = subprocess.run(command + sysfs(options), capture_output=True, text=True)
        times = self.answer()
        watts = json.loads(told.stdout.splitlines()[0])["totalWatts"] if told.returncode == 0 and told.stdout else None
        return watts and watts * statistics.mean(times)

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def sysfs(options):
    return ["--sysfs", options.sysfs] if options.sysfs else []


def ours(options, model, phase, folder):
    """The model as composed of our kernels, and as one chain of all its layers."""
    file = pathlib.Path(folder) / "run.json"
    command = [options.program, "model", model, "--models", SHAPES, "--phase", phase, "--context", str(options.context),
               "--chain", "1024", "--device", "cpu:0", "--threads", str(options.threads), "--time-limit",
               str(options.seconds), "--quiet", "--no-history", "--json", file] + sysfs(options)
    file.unlink(missing_ok=True)
    result = subprocess.run(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if result.returncode or not file.exists():
        sys.exit((result.stderr.strip().splitlines() or ["joulemark wrote no result"])[-1])
    run = json.loads(file.read_text())
    point = run["models"][0]["points"][0]
    if point["seconds"] is None or point["chain"]["seconds"] is None:
        sys.exit(f"{model}: {point['problem'] or point['chain']['problem']}")
    return run, point


def compared(options, model, phase, folder):
    tokens = options.context if phase == "prefill" else 1
    peers = {mode: Peer(options, model, phase, mode) for mode in MODES}
    turns, joules, run = [], {}, None
    for turn in range(options.turns):
        begin = os.getloadavg()[0]
        seconds = {mode: peers[mode].passes(options.passes) / tokens for mode in MODES}
        run, point = ours(options, model, phase, folder)
        # Before and after, since the machine drifts.
        after = {mode: peers[mode].passes(options.passes) / tokens for mode in MODES}
        turns.append({"composed": point["seconds"], "chained": point["chain"]["seconds"],
                      "chainOverParts": point["chain"]["ratio"]["factor"], "load": [begin, os.getloadavg()[0]],
                      **{mode: statistics.mean([seconds[mode], after[mode]]) for mode in MODES}})
        print(f"{model}, {phase}, turn {turn + 1} of {options.turns}: " + ", ".join(
            f"{side} {turns[-1][side] * 1e6:.1f} µs" for side in MODES + ["composed", "chained"]), file=sys.stderr, flush=True)
    if point["provenance"] in ("measured", "integrated"):
        joules = {"composed": point["joules"], "chained": point["chain"]["joules"]}
        for mode in MODES:
            whole = peers[mode].joules(options, 8)
            joules[mode] = whole and whole / tokens
    for peer in peers.values():
        peer.end()
    return {"model": model, "phase": phase, "context": options.context, "turns": turns, "joules": joules or None,
            "reasonWithoutJoules": None if joules else point["energyReason"], "peer": peers["eager"].about,
            "parameters": point["parameters"], "leftOut": run["models"][0]["leftOut"],
            "explanation": point["chain"]["explanation"], "host": run["host"],
            "ratios": {f"{side} ÷ {other}": ratio(turns, side, other) for side, other in RATIOS}}


def ratio(turns, side, other):
    """The median over the turns, with the least and the largest."""
    all_of_them = [turn[side] / turn[other] for turn in turns]
    return [statistics.median(all_of_them), min(all_of_them), max(all_of_them)]


def quantity(value, unit):
    for factor, prefix in [(1, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n")]:
        if value >= factor:
            return f"{value / factor:.3g} {prefix}{unit}"
    return f"{value:.3g} {unit}"


def markdown(record):
    first = record["rows"][0]
    count = len(first["turns"])
    loads = [load for row in record["rows"] for turn in row["turns"] for load in turn["load"]]
    lines = [
        f"{first['host']['cpu']['model']}, {record['threads']} threads on both sides; PyTorch {first['peer']['torch']}; "
        f"{record['finishedAt']}; load average {min(loads):.1f} to {max(loads):.1f}.", "",
        f"Times are of a token, medians of {count} turns. Ratios are medians of the turns' with the least and the largest, which "
        f"hold the median with {100 * (1 - 0.5 ** (count - 1)):.0f} %; chained is a real run of all layers, composed the sum of its kernels.", "",
        "| model | phase | eager | compiled | composed | chained | " + " | ".join(first["ratios"]) + " |",
        "| --- | --- | --- | --- | --- | --- |" + " --- |" * len(first["ratios"])]
    for row in record["rows"]:
        medians = [statistics.median(turn[side] for turn in row["turns"]) for side in MODES + ["composed", "chained"]]
        ratios = [f"{m:.2f} ({low:.2f}–{high:.2f})" for m, low, high in row["ratios"].values()]
        name = f"{row['model']}, {row['context']} tokens"
        lines.append(" | ".join([f"| {name}", row["phase"], *(quantity(s, "s") for s in medians), *ratios]) + " |")
        if row["joules"]:
            figures = [quantity(row["joules"][side], "J") if row["joules"][side] else "–" for side in MODES + ["composed", "chained"]]
            lines.append(" | ".join([f"| {name}", "joules", *figures, *[""] * len(row["ratios"])]) + " |")
    for row in record["rows"]:
        if row["explanation"]:
            lines += ["", f"{row['model']}, {row['phase']}, the chain of the last turn: {row['explanation']}."]
    without = next((row["reasonWithoutJoules"] for row in record["rows"] if not row["joules"]), None)
    if without:
        lines += ["", f"Joules were not measured: {without}"]
    return "\n".join(lines)


def main():
    options = arguments()
    rows = []
    with tempfile.TemporaryDirectory(prefix="joulemark-models-") as folder:
        for model in options.model or ["gpt2-small", "llama-shaped"]:
            for phase in options.phase or ["prefill", "decode"]:
                rows.append(compared(options, model, phase, folder))
    record = {"schemaVersion": 1, "threads": options.threads, "rows": rows,
              "finishedAt": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")}
    print(markdown(record))
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    if options.markdown:
        pathlib.Path(options.markdown).write_text(markdown(record) + "\n")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""How often `joulemark compare` is right: the program against itself, and against itself with one kernel made slower.

    Benchmarks/verdicts/verdicts.py --runs 11 --folder verdicts [--slowdown 3] [--device cpu:0 ...] [--time-limit 1]

Profiles in turn a folder of kernels (Tests/Fixtures/kernels) and a copy of it in which `conv1d/paced` has `--slowdown` per cent
more to do. Then compares each steady run with the next one (A/A: every verdict but `same` and `ambiguous` is a false alarm), and
each with the slowed run beside it (injected: `conv1d/paced` should be `slower`). Writes FOLDER/verdicts.json and prints a table.

Runs that are in the folder already are kept, so the work can be done in pieces: `--seconds S` starts no new run after S seconds.
Exit code 0: at least 95 % of the A/A verdicts, and at least 9 of 10 of the injected ones, are right. 1: they are not, or there
are no runs yet.
"""
import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURE = ROOT / "Tests/Fixtures/kernels"
PACE = 400
UNCHANGED = ("same", "ambiguous")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=ROOT / ".build/release/joulemark", type=pathlib.Path)
    parser.add_argument("--folder", required=True, type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=11, help="steady runs, and as many slowed ones")
    parser.add_argument("--slowdown", type=float, default=3, help="per cent that conv1d/paced takes longer")
    parser.add_argument("--device", action="append", help="cpu:0 and opencl:0 unless given")
    parser.add_argument("--shape", default="L=64,D=512", help="of conv1d")
    parser.add_argument("--time-limit", default="1")
    parser.add_argument("--seconds", type=float, default=float("inf"))
    return parser.parse_args()


def kernels(folder, pace):
    """A copy of the fixture whose chain has `pace` links."""
    if folder.exists():
        shutil.rmtree(folder)
    shutil.copytree(FIXTURE / "conv1d", folder / "conv1d")
    file = folder / "conv1d/paced/strategy.json"
    text = file.read_text()
    assert f"pace = {PACE}" in text
    file.write_text(text.replace(f"pace = {PACE}", f"pace = {pace}"))
    return folder


def profile(options, folder, result):
    command = [options.program, "profile", "--family", "conv1d", "--shape", options.shape, "--kernels", folder, "--time-limit", options.time_limit,
               "--energy", "off", "--no-history", "--quiet", "--json", result.with_suffix(".part")]
    for device in options.device or ["cpu:0", "opencl:0"]:
        command += ["--device", device]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    result.with_suffix(".part").rename(result)


def compare(options, base, new):
    done = subprocess.run([options.program, "compare", base, new, "--json", "-"], check=True, capture_output=True)
    return json.loads(done.stdout)["measurements"]


def row(base, new, measurement):
    key, time_ = measurement["key"], measurement["time"]
    return {"base": base.stem, "new": new.stem, "kernel": f"{key['family']}/{key['strategy']}", "device": key["device"],
            "verdict": time_["verdict"], "ratio": time_["ratio"], "interval": time_["interval"],
            "machineRatio": time_["machineRatio"], "measuredRatio": time_["base"] / time_["candidate"]}


def main():
    options = arguments()
    options.folder.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    folders = {"steady": kernels(options.folder / "kernels-steady", PACE),
               "slowed": kernels(options.folder / "kernels-slowed", round(PACE * (1 + options.slowdown / 100)))}
    for number in range(1, options.runs + 1):
        for kind, folder in folders.items():
            result = options.folder / f"{kind}-{number:02}.json"
            if not result.exists() and time.monotonic() - begin < options.seconds:
                profile(options, folder, result)

    steady = sorted(options.folder.glob("steady-*.json"))
    unchanged, injected = [], []
    for base, new in zip(steady, steady[1:]):
        unchanged += [row(base, new, m) for m in compare(options, base, new) if m["time"]]
    for base in steady:
        new = base.with_name(base.name.replace("steady", "slowed"))
        if not new.exists():
            continue
        for measurement in compare(options, base, new):
            if measurement["time"]:
                is_slowed = measurement["key"]["strategy"] == "paced"
                (injected if is_slowed else unchanged).append(row(base, new, measurement))
    return report(options, unchanged, injected)


def report(options, unchanged, injected):
    devices = sorted({r["device"] for r in unchanged})
    summary = []
    for device in devices:
        same = [r for r in unchanged if r["device"] == device]
        slow = [r for r in injected if r["device"] == device]
        right = sum(r["verdict"] in UNCHANGED for r in same)
        found = sum(r["verdict"] == "slower" for r in slow)
        summary.append({"device": device, "unchanged": len(same), "unchangedRight": right,
                        "injected": len(slow), "injectedFound": found,
                        "injectedWrong": sum(r["verdict"] == "faster" for r in slow)})
    machine = subprocess.run(["uname", "-srm"], capture_output=True, text=True).stdout.strip()
    result = {"machine": machine, "slowdownPercent": options.slowdown, "timeLimitSeconds": float(options.time_limit),
              "summary": summary, "unchanged": unchanged, "injected": injected}
    (options.folder / "verdicts.json").write_text(json.dumps(result, indent=1) + "\n")
    print(f"{'device':<10} {'unchanged':>9} {'no alarm':>12} {'injected':>9} {'called slower':>14}")
    is_right = bool(summary)
    for line in summary:
        share = line["unchangedRight"] / line["unchanged"]
        found = line["injectedFound"] / line["injected"] if line["injected"] else float("nan")
        print(f"{line['device']:<10} {line['unchanged']:>9} {line['unchangedRight']:>4} ({share:>4.0%}) "
              f"{line['injected']:>9} {line['injectedFound']:>6} ({found:>4.0%})")
        is_right = is_right and share >= 0.95 and found >= 0.9
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())

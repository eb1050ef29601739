#!/usr/bin/env python3
"""How often `joulemark compare` is right: the program against itself, and against itself with one kernel made slower.

    Benchmarks/verdicts/verdicts.py --runs 11 --folder verdicts [--slowdown 3] [--device cpu:0 ...] [--time-limit 1]
                                    [--within | --turns]

Profiles in turn a folder of kernels (Tests/Fixtures/kernels) and a copy of it in which `conv1d/paced` has `--slowdown`
per cent more to do. Then compares each steady run with the next one (A/A: every verdict but `same` and `unresolved` is
a false alarm), and each with the slowed run beside it (injected: `conv1d/paced` should be `slower`). Writes
FOLDER/verdicts.json and prints a table.

With `--within` the three stand side by side in each run instead, as strategies of one family: `paced`, which the others
are held against, `again`, the same once more, and `slowed`. They take turns there, so what the machine does moves all
of them.

With `--turns` each run is two builds side by side (`profile --base`): a copy of the program with the steady kernels as
the base, and the program with the same kernels (A/A) or the slowed ones (injected).

Runs that are in the folder already are kept, so the work can be done in pieces: `--seconds S` starts no new run after S
seconds. Exit code 0: at least 95 % of the A/A verdicts, and at least 9 of 10 of the injected ones, are right. 1: they
are not, or there are no runs yet.
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
UNCHANGED = ("same", "unresolved", "ambiguous")  # the last is the word of earlier versions


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=ROOT / ".build/release/joulemark", type=pathlib.Path)
    parser.add_argument("--folder", required=True, type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=11, help="steady runs, and as many slowed ones")
    parser.add_argument("--slowdown", type=float, default=3, help="per cent that conv1d/paced takes longer")
    parser.add_argument("--device", action="append", help="cpu:0 and opencl:0 unless given")
    parser.add_argument("--shape", default="L=64,D=512", help="of conv1d")
    parser.add_argument("--time-limit", default="1")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--within", action="store_true", help="compare strategies of one run instead of runs")
    way.add_argument("--turns", action="store_true", help="compare builds that take turns in one run")
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


def family(folder, paces):
    """The fixture as a family of its own, with a strategy of each name and pace; the first is the one to compare
    with."""
    if folder.exists():
        shutil.rmtree(folder)
    definition = json.loads((ROOT / "kernels/conv1d/family.json").read_text())
    first = next(iter(paces))
    definition |= {"family": "paces", "baseline": first, "reference": {"strategy": first}, "flops": "2 * B * L * D * W",
                   "workloads": []}
    (folder / "paces").mkdir(parents=True)
    (folder / "paces/family.json").write_text(json.dumps(definition))
    for name, pace in paces.items():
        target = folder / "paces" / name
        shutil.copytree(FIXTURE / "conv1d/paced", target)
        for file, changes in [("strategy.json", {'"strategy": "paced"': f'"strategy": "{name}"', f"pace = {PACE}": f"pace = {pace}"}),
                              ("paced.c", {'"conv1d", "paced", "paced"': f'"paces", "{name}", "paced"'})]:
            text = (target / file).read_text()
            for old, new in changes.items():
                assert old in text, (file, old)
                text = text.replace(old, new)
            (target / file).write_text(text)
    return folder


def profile(options, folder, result, name="conv1d", more=()):
    command = [options.program, "profile", "--family", name, "--shape", options.shape, "--kernels", folder, "--time-limit", options.time_limit,
               "--energy", "off", "--no-history", "--quiet", "--json", result.with_suffix(".part"), *more]
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


def within(options, begin):
    """The comparisons of each run with `paced`: of the same once more, and of the slower one."""
    folder = family(options.folder / "kernels-within",
                    {"paced": PACE, "again": PACE, "slowed": round(PACE * (1 + options.slowdown / 100))})
    found = {"again": [], "slowed": []}
    for number in range(1, options.runs + 1):
        result = options.folder / f"within-{number:02}.json"
        if not result.exists() and time.monotonic() - begin < options.seconds:
            profile(options, folder, result, "paces")
        if not result.exists():
            continue
        for comparison in json.loads(result.read_text())["comparisons"]:
            found[comparison["strategy"]].append(
                {"run": result.stem, "kernel": f"paces/{comparison['strategy']}", "device": comparison["device"],
                 "verdict": comparison["timeVerdict"], "ratio": comparison["speedup"],
                 "interval": comparison["speedupInterval"]})
    return report(options, found["again"], found["slowed"])


def turns(options, begin, folders):
    """The comparisons of each run with the copy of the program that took turns with it."""
    other = options.folder / "base-program"
    shutil.copy2(options.program, other)
    unchanged, injected = [], []
    for number in range(1, options.runs + 1):
        for kind, folder in folders.items():
            result = options.folder / f"turns-{kind}-{number:02}.json"
            base = result.with_name(f"turns-{kind}-{number:02}-base.json")
            if not result.exists() and time.monotonic() - begin < options.seconds:
                profile(options, folder, result, more=["--base", other, "--base-kernels", folders["steady"], "--base-json", base])
            if not result.exists():
                continue
            for measurement in compare(options, base, result):
                is_slowed = kind == "slowed" and measurement["key"]["strategy"] == "paced"
                (injected if is_slowed else unchanged).append(row(base, result, measurement))
    return report(options, unchanged, injected)


def main():
    options = arguments()
    options.folder.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    if options.within:
        return within(options, begin)
    folders = {"steady": kernels(options.folder / "kernels-steady", PACE),
               "slowed": kernels(options.folder / "kernels-slowed", round(PACE * (1 + options.slowdown / 100)))}
    if options.turns:
        return turns(options, begin, folders)
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
    (options.folder / ("within.json" if options.within else "turns.json" if options.turns else "verdicts.json")).write_text(json.dumps(result, indent=1) + "\n")
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

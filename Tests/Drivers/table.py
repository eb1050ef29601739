"""What compilers made of the catalogue's programs, as one table, held against the one in the repository.

table.py FOLDER                 writes Benchmarks/compilers/table.md and figures.json from FOLDER/<device>*.json, each
of which
                                `joulemark inspect --json` wrote
table.py FOLDER --check         writes nothing; exit code 1 where a program spills more, uses more memory in place of
registers, shares
                                more, or leaves room for fewer sub-groups than figures.json says
"""

import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent.parent.parent / "Benchmarks" / "compilers"
FIGURES = ["registers", "spills", "scratchBytes", "sharedMemoryBytes", "occupancy", "instructions", "cycles"]
# More of these is worse, of the others less.
WORSE_WITH_MORE = ["spills", "scratchBytes", "sharedMemoryBytes"]
WORSE_WITH_LESS = ["occupancy"]


def read(folder):
    """{device: {"driver": …, "programs": {name: [figures]}}} and what did not compile, {device: {name: message}}."""
    devices, failures = {}, {}
    for path in sorted(pathlib.Path(folder).glob("*.json")):
        name = path.name.split(".")[0]
        for device in json.loads(path.read_text())["devices"]:
            # The host's processor stands beside those that are asked about.
            if device["device"]["backend"] == "cpu":
                continue
            entry = devices.setdefault(name, {"driver": device["device"]["driver"], "programs": {}})
            for program in device["programs"]:
                label = name_of(program)
                if program["compiled"] is None:
                    failures.setdefault(name, {})[label] = program["message"]
                    continue
                told = program["compiled"]["figures"]
                figures = [number(told[figure]["value"]) for figure in FIGURES]
                entry["programs"].setdefault(label, figures)
    return devices, failures


def name_of(program):
    stage = f" {program['stage']}" if program["stage"] else ""
    variant = f" ({program['variant']})" if program["variant"] else ""
    return f"{program['family']}/{program['strategy']}{stage}{variant} {program['precision']} {program['workload']}"


def number(value):
    return int(value) if value is not None and value == int(value) else value


def cell(figures):
    """`registers/occupancy`, and what went to memory where something did."""
    if figures is None:
        return ""
    registers, spills, scratch, _, occupancy = figures[:5]
    text = f"{'–' if registers is None else registers}/{'–' if occupancy is None else occupancy}"
    if spills or scratch:
        text += f" **{spills or 0} spilled, {scratch or 0} B**"
    return text


def write(found, failures):
    """Devices that were not looked at this time keep what is known of them."""
    HERE.mkdir(parents=True, exist_ok=True)
    path = HERE / "figures.json"
    devices = json.loads(path.read_text())["devices"] if path.exists() else {}
    for name, device in found.items():
        devices[name] = device | {"failed": len(failures.get(name, {}))}
    devices = dict(sorted(devices.items()))
    names = list(devices)
    programs = sorted({program for device in devices.values() for program in device["programs"]})
    lines = [
        "# What the compilers of cards make of the kernels",
        "",
        "Made by `Tests/Drivers/try trees table`: drivers that compile without their card are asked by `joulemark inspect`, and",
        "`./test drivers` holds what it finds against these figures. A cell is registers a work-item / sub-groups that a unit",
        "holds (on M1 work-items a core), as the driver tells them, and in bold what went to memory: spilled registers, or the",
        "instructions that move them, and bytes. Shared memory is of a work-group. *S* counts programs that spill or index memory",
        "in place of registers; *left out* those that the device cannot take.",
        "",
        "| device | driver | programs | *S* | left out |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, device in devices.items():
        spilling = sum(1 for figures in device["programs"].values() if figures[1] or figures[2])
        lines.append(
            f"| {name} | {device['driver']} | {len(device['programs'])} | {spilling} | {device['failed']} |")
    lines += ["", "| program | shared B | " + " | ".join(names) + " |", "| --- " * (len(names) + 2) + "|"]
    for program in programs:
        shared = {device["programs"][program][3] for device in devices.values() if program in device["programs"]}
        shared = max((value for value in shared if value is not None), default="–")
        cells = [cell(devices[name]["programs"].get(program)) for name in names]
        lines.append(f"| {program} | {shared} | " + " | ".join(cells) + " |")
    (HERE / "table.md").write_text("\n".join(lines) + "\n")
    rows = [f"{json.dumps(name)}: {{\"driver\": {json.dumps(device['driver'])}, \"failed\": {device['failed']}, \"programs\": {{\n" + ",\n".join(
        f"{json.dumps(program)}: {json.dumps(figures)}" for program, figures in sorted(device["programs"].items())) + "}}"
        for name, device in devices.items()]
    head = f'{{"figures": {json.dumps(FIGURES)}, "devices": {{\n'
    path.write_text(head + ",\n".join(rows) + "}}\n")
    print(f"{len(programs)} programs on {len(names)} devices: {HERE / 'table.md'}")


def regressions(devices, known):
    """Lines that say what has become worse; `strict` tells whether the compiler is the one that the figures are of."""
    for name, device in devices.items():
        before = known.get(name)
        if before is None:
            continue
        strict = before["driver"] == device["driver"]
        for program, figures in device["programs"].items():
            old = before["programs"].get(program)
            if old is None:
                continue
            for figure, was, now in zip(FIGURES, old, figures):
                if was is None or now is None:
                    continue
                if figure in WORSE_WITH_MORE and now > was or figure in WORSE_WITH_LESS and now < was:
                    yield strict, f"{name}: {program}: {figure} {was} -> {now}"


def check(devices, failures):
    known = json.loads((HERE / "figures.json").read_text())["devices"]
    compared = sum(
        len(device["programs"].keys() & known.get(name, {"programs": {}})["programs"].keys())
        for name, device in devices.items())
    found = list(regressions(devices, known))
    # A compiler of another version makes other code: that is told, and nobody's fault here.
    for strict, line in found:
        print(("worse: " if strict else "worse, by another version of the compiler: ") + line)
    broken = [
        f"{name}: {program} does not compile any more: {message}" for name, programs in failures.items()
        for program, message in programs.items() if program in known.get(name, {"programs": {}})["programs"]]
    print("\n".join(broken), end="\n" if broken else "")
    worse = sum(strict for strict, _ in found) + len(broken)
    print(f"{compared} programs compared on {len(devices)} devices, {worse} worse")
    if compared == 0:
        print("nothing was compared: the figures are of other devices or programs")
    return 1 if worse or compared == 0 else 0


if __name__ == "__main__":
    found, failed = read(sys.argv[1])
    if sys.argv[2:] == ["--check"]:
        sys.exit(check(found, failed))
    write(found, failed)

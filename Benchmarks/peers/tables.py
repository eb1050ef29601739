"""The tables that people read."""


def title(result):
    stage = f" ({result['stage']})" if result["stage"] else ""
    return f"{result['family']}/{result['strategy']}{stage}: {result['name']}"


def verdict(result):
    """Against the target: the whole interval counts."""
    low, high = result["ratioInterval"]
    return "reached" if low >= result["target"] else "missed" if high < result["target"] else "unresolved"


def line(result):
    """One row as it is done."""
    if "ratio" not in result:
        return f"{title(result)}: {result.get('failed') or 'skipped, ' + result['skipped']}"
    return f"{title(result)}: {result['ratio']:.2f} × {result['peer']}, {verdict(result)}"


def openblas(environment):
    """The processors whose kernels OpenBLAS chose."""
    found = [library["architecture"] for library in environment["libraries"] if library["internal_api"] == "openblas"]
    return sorted({name for name in found if name})


def markdown(record):
    """All tables: ratios, then how near each kernel comes to its limit."""
    environment, limits = record["environment"], record["limits"]
    parts = [
        f"{environment['processor']}, {environment['codePath']}, {environment['threads']} threads on both sides; PyTorch "
        f"{environment['torch']}, NumPy {environment['numpy']}, SciPy {environment['scipy']}, OpenBLAS with kernels for "
        f"{' and '.join(openblas(environment)) or 'unknown processors'}; {record['startedAt']}.",
        "A ratio is the peer's time by ours, the median over rounds in which both took turns, with its 95 % interval.",
        ratios(record["rows"]),
        f"Measured limits: {limits['flopsPerSecond'] / 1e9:.0f} GFLOP/s multiply-adds in registers, "
        f"{limits['readBytesPerSecond'] / 1e9:.1f} GB/s reading, {limits['copyBytesPerSecond'] / 1e9:.1f} GB/s copying.",
        reached(record["rows"], limits)]
    return "\n\n".join(parts)


def table(header, rows):
    cells = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in cells)


def ratios(results):
    rows = []
    for result in results:
        if "ratio" not in result:
            rows.append([title(result), result["peer"], "–", "–", result.get("failed") or "skipped: " + result["skipped"]])
            continue
        low, high = result["ratioInterval"]
        times = f"{result['ours']['median'] * 1e3:.2f} / {result['theirs']['median'] * 1e3:.2f}"
        ratio = f"{result['ratio']:.2f} ({low:.2f}–{high:.2f})"
        rows.append([title(result), result["peer"], times, ratio, f"≥ {result['target']:g}: {verdict(result)}"])
    return table(["kernel", "peer", "ms, ours / peer", "ratio", "target"], rows)


def reached(results, limits):
    rows, seen = [], set()
    for result in results:
        if "ratio" not in result or title(result) in seen:
            continue
        seen.add(title(result))
        if result["limit"] == "memory":
            found, most, unit = result["bytesPerSecond"], limits["readBytesPerSecond"], "GB/s"
        else:
            found, most, unit = result["flopsPerSecond"], limits["flopsPerSecond"], "GFLOP/s"
        rows.append([title(result), result["limit"], f"{found / 1e9:.1f} {unit}", f"{most / 1e9:.1f} {unit}",
                     f"{100 * found / most:.0f} %"])
    return table(["kernel", "limited by", "measured", "limit", "reached"], rows)

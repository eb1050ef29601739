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
        return f"{title(result)}: {outcome(result)}"
    return f"{title(result)}: {result['ratio']:.2f} × {result['peer']}, {verdict(result)}"


def outcome(result):
    return f"failed: {result['failed']}" if "failed" in result else f"skipped: {result['skipped']}"


def code_paths(results):
    """What ran on either side, each once."""
    sides = [result[side]["codePath"] for result in results if "ratio" in result for side in ["ours", "theirs"]]
    return "; ".join(dict.fromkeys(path for path in sides if path))


def markdown(record):
    """All tables: ratios, then how near each kernel comes to its limit."""
    parts = [
        f"{record['host']['cpu']['model']}, {record['threads']} threads on both sides; {code_paths(record['rows'])}; "
        f"{record['finishedAt']}.",
        "A ratio is the peer's time by ours, with its 95 % interval.",
        ratios(record["rows"]),
        reached(record["rows"])]
    return "\n\n".join(parts)


def table(header, rows):
    cells = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in cells)


def ratios(results):
    rows = []
    for result in results:
        if "ratio" not in result:
            rows.append([title(result), result["peer"], "–", "–", outcome(result)])
            continue
        low, high = result["ratioInterval"]
        times = f"{result['ours']['median'] * 1e3:.2f} / {result['theirs']['median'] * 1e3:.2f}"
        ratio = f"{result['ratio']:.2f} ({low:.2f}–{high:.2f})"
        rows.append([title(result), result["peer"], times, ratio, f"≥ {result['target']:g}: {verdict(result)}"])
    return table(["kernel", "peer", "ms, ours / peer", "ratio", "target"], rows)


def reached(results):
    """Each kernel of ours once, beside the roofline that its run measured."""
    rows, seen = [], set()
    for result in results:
        if result.get("fractionOfRoofline") is None or title(result) in seen:
            continue
        seen.add(title(result))
        rows.append([title(result), f"{result['flopsPerSecond'] / 1e9:.1f} GFLOP/s",
                     f"{result['bytesPerSecond'] / 1e9:.1f} GB/s", f"{100 * result['fractionOfRoofline']:.0f} %"])
    return table(["kernel", "operations", "bytes", "of the roofline"], rows)

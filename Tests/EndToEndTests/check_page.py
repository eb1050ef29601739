"""Every number with a unit that a page shows follows from the result file that it was made of.

usage: check_page.py RUN.json PAGE.html

What stands in a measurement's row or place must follow from that measurement, everything else from one of the run. Prints
how many numbers it saw of each unit as JSON, and fails with those that follow from nothing.
"""

import bisect
import html.parser
import json
import re
import sys

PREFIXES = {"f": 1e-15, "p": 1e-12, "n": 1e-9, "µ": 1e-6, "m": 1e-3, "": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12,
            "P": 1e15, "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40}
UNITS = ["FLOP/s", "FLOP/J", "FLOP/B", "FLOP", "B/s", "J·s", "B", "s", "J", "W", "×", "%"]
NUMBER = r"(?<![\w.,])(\d+(?:\.\d+)?(?:e-?\d+)?)"
TOKEN = re.compile(
    NUMBER + r"[ \u00a0](" + "|".join(filter(None, PREFIXES)) + r")?(" + "|".join(UNITS) + r")(?![\w/·])"
    r"(?: \[([\d.]+), ([\d.]+)\])?")
# Said of the method, and true of every page.
CONSTANTS = {"%": [0.95, 0.99, 0.05, 0.25, 0.5, 0.75, 1.0]}


class Texts(html.parser.HTMLParser):
    """The texts of cells, facts, items and of what charts say when they are pointed at, each with the measurement that
    it belongs to."""

    def __init__(self):
        super().__init__()
        self.found, self.in_notes = [], False
        self.section = self.row = self.place = self.link = self.kind = None

    @staticmethod
    def measurement(name):
        match = re.fullmatch(r"#?m(\d+)-(\d+)(?:-all)?", name or "")
        return int(match[2]) if match and match[1] == "0" else None

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "section":
            self.section = attributes.get("id", "")
        elif tag == "details" and "place" in attributes.get("class", ""):
            self.place = self.measurement(attributes["id"])
        elif tag == "tr":
            self.row = self.kind = None
        elif tag == "th":
            self.row = self.measurement(attributes.get("id")) if "id" in attributes else self.row
            self.kind = None
        elif tag == "a" and self.section == "matrix":
            self.link = self.measurement(attributes.get("href"))
        elif tag in ("caption", "p", "h2", "h3", "figcaption", "summary", "text", "pre", "ol"):
            self.kind = None
        if tag in ("td", "dd", "title", "li") and not self.in_notes:
            self.kind = tag if self.section not in (None, "provenance", "power", "next", "machine") else None
        self.in_notes = self.in_notes or tag == "ol"

    def handle_endtag(self, tag):
        if tag == "section":
            self.section = self.kind = None
        elif tag == "ol":
            self.in_notes = False
        elif tag == "details":
            self.place = None
        elif tag == "a":
            self.link = None
        elif tag in ("table", "title", "ul", "dl"):
            self.kind = None
        if tag == "table":
            self.row = None

    def handle_data(self, data):
        if self.kind:
            own = next((own for own in (self.link, self.place, self.row) if own is not None), None)
            self.found.append((self.section, own, data))


def numbers(value):
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return [value] if isinstance(value, (int, float)) and not isinstance(value, bool) else []
    return [number for part in value for number in numbers(part)]


def sentences(value):
    """What the record says in words, whose numbers are its own."""
    if isinstance(value, str):
        return {value} if " " in value else set()
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return set().union(*map(sentences, parts))


def quantile(values, share):
    place = share * (len(values) - 1)
    low = int(place)
    return values[low] + (values[min(low + 1, len(values) - 1)] - values[low]) * (place - low)


def quantities(measurement, device):
    """Of one measurement, by unit."""
    time, energy, work, derived = (measurement.get(key) or {} for key in ("time", "energy", "work", "derived"))
    peaks = device.get("peaks") or {}
    samples = sorted(time.get("sampleSeconds") or [])
    seconds = numbers([time.get("median"), time.get("interval"), time.get("hostMedian"),
                       [stage["median"] for stage in time.get("stages") or []]])
    seconds += [quantile(samples, share) for share in (0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99) if samples]
    stages = sum(stage["median"] for stage in time.get("stages") or [])
    seconds += [time["median"] - stages] if stages else []
    # Of the whole, or of the stages where next to nothing lies between them.
    shares = [part / whole for whole in (stages, time["median"]) for part in numbers(
        [[stage["median"] for stage in time["stages"]], time["median"] - stages])] if stages else []
    windows = energy.get("windows") or []
    seconds += [window["end"] - window["begin"] for window in windows]
    seconds += [windows[-1]["end"] - windows[0]["begin"]] if windows else []
    joules = numbers([energy.get(key) for key in ("grossJoules", "netJoules", "idleJoules", "interval", "netInterval")])
    watts = numbers([energy.get("averageWatts"), energy.get("idleWatts")])
    watts += [w["grossJoules"] / (w["end"] - w["begin"]) for w in windows if w.get("grossJoules")]
    size = numbers([work.get(key) for key in ("minimumBytes", "strategyBytes", "writtenBytes")])
    if work.get("writtenBytes") is not None:
        size.append(work["strategyBytes"] - work["writtenBytes"])
    rates = numbers([derived.get("flopsPerSecond"), peaks.get("flopsPerSecond"), peaks.get("rates")])
    found = {"s": seconds, "J": joules + numbers([derived.get("joulesPerToken")]), "W": watts, "B": size,
             "FLOP/s": rates, "FLOP/J": numbers([derived.get("flopsPerJoule"), derived.get("netFlopsPerJoule")]),
             "J·s": numbers([derived.get("energyDelayProduct")]), "FLOP": numbers([work.get("flops")]),
             "B/s": numbers([derived.get("bytesPerSecond"), peaks.get("bytesPerSecond")]), "×": [], "%": [], "FLOP/B": []}
    intervals = [(time.get("median"), time.get("interval")), (energy.get("grossJoules"), energy.get("interval"))]
    found["%"] += [(i[1] - i[0]) / 2 / value for value, i in intervals if value and i]
    for unit, value in (("FLOP/s", derived.get("flopsPerSecond")), ("FLOP/J", derived.get("flopsPerJoule"))):
        # Rates have the interval of what they are divided by.
        interval = intervals[0 if unit == "FLOP/s" else 1][1]
        if value and interval and work.get("flops"):
            found[unit] += [work["flops"] / interval[0], work["flops"] / interval[1]]
    for value, interval in ((joules[0] if joules else None, energy.get("interval")),):
        scale = [other / value for other in joules + [derived.get("joulesPerToken") or 0] if value]
        found["J"] += [end * factor for end in interval or [] for factor in scale]
        found["W"] += [watt * end / value for watt in watts for end in interval or [] if value]
    found["%"] += shares + numbers([time.get("relativeNoise"), derived.get("fractionOfRoofline"),
                           derived.get("fractionOfBandwidth")])
    roof = derived.get("fractionOfRoofline")
    if roof:
        found["×"].append(1 / roof)
        found["%"] += [roof * time["median"] / end for end in time.get("interval") or []]
    if work:
        rate = peaks.get("flopsPerSecond") if work.get("rate") is None else (peaks.get("rates") or {}).get(work["rate"])
        least = work["minimumBytes"]
        found["×"] += [work["strategyBytes"] / least] if least else []
        found["FLOP/B"] += [work["flops"] / b for b in (least, work["strategyBytes"]) if b]
        if rate and peaks.get("bytesPerSecond"):
            found["FLOP/B"].append(rate / peaks["bytesPerSecond"])
    return found


def case(record, *names):
    return tuple(record[name] for name in names or ("family", "workload", "precision"))


def beside_each_other(run, pools):
    """What follows from several measurements of a workload, by unit."""
    found = {unit: [] for unit in UNITS}
    for comparison in run["comparisons"] + (run.get("processorComparisons") or []):
        ratios = numbers([comparison.get(key) for key in (
            "speedup", "speedupInterval", "energyRatio", "energyRatioInterval", "trafficRatio")])
        found["×"] += ratios + [1 / ratio for ratio in ratios if ratio]
    groups = {}
    for measurement, pool in zip(run["measurements"], pools):
        groups.setdefault(case(measurement), []).append((measurement, pool))
    for members in groups.values():
        for unit in ("s", "J", "B", "FLOP/s", "FLOP/J", "%", "W"):
            values = [value for _, pool in members for value in leading(pool, unit)]
            quotients = [a / b for a in values for b in values if b]
            found["×"] += quotients
            found["%"] += quotients
            found[unit] += [abs(a - b) for a in values for b in values if a != b]
        # A stage's share of the baseline's time.
        stages = [value for _, pool in members for value in pool["s"]]
        found["%"] += [stage / pool["s"][0] for _, pool in members if pool["s"] for stage in stages if pool["s"][0]]
    return found


def leading(pool, unit):
    return pool[unit][:1] if unit == "s" else pool[unit] if unit == "%" else pool[unit][:3]


class Pool:
    def __init__(self, *parts):
        self.values = {unit: sorted(v for part in parts for v in part.get(unit, [])) for unit in UNITS}

    def has(self, text, factor, unit):
        value, digits = float(text) * factor, text.partition("e")[0].partition(".")[2]
        exponent = int(text.partition("e")[2] or 0)
        half = 0.5000001 * 10.0 ** (exponent - len(digits)) * factor
        values = self.values[unit]
        place = bisect.bisect_left(values, value - half)
        return place < len(values) and values[place] <= value + half


def main(run_path, page_path):
    run = json.load(open(run_path, encoding="utf-8"))
    texts = Texts()
    texts.feed(open(page_path, encoding="utf-8").read())
    devices = {device["id"]: device for device in run["devices"]}
    pools = [quantities(measurement, devices[measurement["device"]]) for measurement in run["measurements"]]
    shared = beside_each_other(run, pools)
    own = [Pool(pool, CONSTANTS) for pool in pools]
    whole = Pool(shared, CONSTANTS, *pools)
    counts, wrong = {}, []
    quoted = sorted(sentences(run), key=len, reverse=True)
    for section, measurement, text in texts.found:
        for sentence in quoted:
            text = text.replace(sentence, "")
        pool = whole if measurement is None else own[measurement]
        for value, prefix, unit, low, high in TOKEN.findall(text):
            factor = 0.01 if unit == "%" else PREFIXES[prefix]
            counts[unit] = counts.get(unit, 0) + 1
            for number in filter(None, (value, low, high)):
                if not pool.has(number, factor, unit):
                    wrong.append(f"#{section} {measurement}: {number} {prefix}{unit} in “{text.strip()[:160]}”")
    print(json.dumps(counts, ensure_ascii=False))
    if wrong:
        sys.exit("\n".join([f"{len(wrong)} of {sum(counts.values())} follow from nothing:"] + wrong[:40]))


if __name__ == "__main__":
    main(*sys.argv[1:])

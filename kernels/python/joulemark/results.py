"""Result files as rows of a table."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any, Union

SCHEMA_VERSION = 1

Source = Union[str, "os.PathLike[str]", "dict[str, Any]"]


def rows(source: Source) -> list[dict[str, Any]]:
    """The measurements of a result file, each as a flat dictionary: `family`, `strategy`, `time.median`,
    `energy.grossJoules`…

    Names are those of the file, seconds and joules its units. An interval becomes `time.interval.low` and `.high`;
    unknowns are None, and lists such as the samples are left out.
    """
    record = _record(source)
    return [dict(_flat(measurement)) for measurement in record["measurements"]]


def frame(source: Source) -> Any:
    """The same as a pandas DataFrame."""
    import pandas

    return pandas.DataFrame(rows(source))


def _record(source: Source) -> dict[str, Any]:
    if isinstance(source, dict):
        record = source
    else:
        with open(source, encoding="utf-8") as file:
            record = json.load(file)
    version = record.get("schemaVersion")
    if version != SCHEMA_VERSION or "measurements" not in record:
        raise ValueError(f"no result file of joulemark with schema {SCHEMA_VERSION}: schemaVersion is {version!r}")
    return record


def _flat(value: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, entry in value.items():
        name = prefix + key
        if isinstance(entry, dict):
            yield from _flat(entry, name + ".")
        elif isinstance(entry, list):
            if key.lower().endswith("interval") and len(entry) == 2:
                yield name + ".low", entry[0]
                yield name + ".high", entry[1]
        else:
            yield name, entry

"""From a script to a folder that joulemark reads, and back to the script's functions in its runtime."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import pathlib
import sys
from collections.abc import Callable
from typing import Any

from .strategies import Strategy, declared

# Absolute paths of the scripts that were imported.
loaded: set[str] = set()


def load(path: str) -> list[Strategy]:
    """Imports a script, once, and gives the strategies that it declares."""
    path = os.path.abspath(path)
    # Not its own name: that may be a module's too.
    name = "joulemark_script_" + hashlib.sha256(path.encode()).hexdigest()[:16]
    if name not in sys.modules:
        specification = importlib.util.spec_from_file_location(name, path)
        if specification is None or specification.loader is None:
            raise ImportError(f"{path} is no Python script")
        module = importlib.util.module_from_spec(specification)
        sys.modules[name] = module
        # What lies beside the script can be imported, as when Python runs it.
        folder = os.path.dirname(path)
        if folder not in sys.path:
            sys.path.append(folder)
        loaded.add(path)
        try:
            specification.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
    return [strategy for strategy in declared() if strategy.function.__module__ == name]


def function(path: str, family: str, name: str) -> Callable[..., Any]:
    """The function of a strategy that a script declares."""
    for strategy in load(path):
        if (strategy.family, strategy.name) == (family, name):
            return strategy.function
    raise ImportError(f"{path} declares no {family}/{name}")


def write(path: str, folder: str) -> None:
    """Writes each strategy of a script as a folder with strategy.json and a stage that leads back to the script."""
    path = os.path.abspath(path)
    strategies = load(path)
    if not strategies:
        raise ValueError(f"{path} declares no strategy: put @joulemark.strategy(...) above a function")
    for strategy in strategies:
        place = pathlib.Path(folder) / strategy.family / strategy.name
        place.mkdir(parents=True, exist_ok=True)
        (place / "strategy.json").write_text(json.dumps(strategy.definition(), indent=2) + "\n", encoding="utf-8")
        name = "prepare" if strategy.prepares else strategy.stage
        (place / f"{strategy.stage}.py").write_text(
            f"from joulemark.script import function\n\n{name} = function({path!r}, {strategy.family!r}, {strategy.name!r})\n",
            encoding="utf-8")


def main(path: str, folder: str) -> int:
    """What `joulemark profile --kernels SCRIPT` runs; a fault is one line on standard error."""
    try:
        write(path, folder)
    except Exception as error:
        frame, own = error.__traceback__, None
        while frame is not None:
            if frame.tb_frame.f_code.co_filename == os.path.abspath(path):
                own = frame.tb_lineno
            frame = frame.tb_next
        place = f" ({os.path.basename(path)}:{own})" if own else ""
        print(f"{type(error).__name__}: {error}{place}".replace("\n", " "), file=sys.stderr)
        return 1
    return 0

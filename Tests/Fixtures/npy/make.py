"""Writes the .npy files beside it with NumPy: python3 make.py

Each holds the integers 0, 1, … 23 shaped (2, 3, 4), less 5 where the type has a sign, or is_odd where it is bool.
float8_e4m3fn.npy and float8_e5m2.npy, which take ml_dtypes, hold all 256 numbers; *-values.npy the same as float32.
"""
import ml_dtypes
import numpy as np
from pathlib import Path

here = Path(__file__).parent
for old in here.glob("*.npy"):
    old.unlink()
counting = np.arange(24).reshape(2, 3, 4)
types = [order + kind for kind in ["f2", "f4", "f8", "i2", "i4", "i8", "u2", "u4", "u8"] for order in "<>"]
for name in types + ["|i1", "|u1", "|b1"]:
    dtype = np.dtype(name)
    if dtype.kind == "b":
        array = (counting % 2 == 1).astype(dtype)
    else:
        array = (counting - (0 if dtype.kind == "u" else 5)).astype(dtype)
    order = {"<": "little", ">": "big", "|": "byte"}[name[0]]
    for layout in "CF":
        np.save(here / f"{name[1:]}-{order}-{layout}.npy", np.asarray(array, order=layout))
for version in [(1, 0), (2, 0), (3, 0)]:
    with open(here / f"version-{version[0]}.npy", "wb") as file:
        np.lib.format.write_array(file, (counting - 5).astype("<f4"), version=version)
for name in ["float8_e4m3fn", "float8_e5m2"]:
    numbers = np.arange(256, dtype="u1").view(getattr(ml_dtypes, name))
    np.save(here / f"{name}.npy", numbers)
    np.save(here / f"{name}-values.npy", numbers.astype("f4"))
np.save(here / "scalar.npy", np.float32(7.5))
np.save(here / "empty.npy", np.zeros((3, 0, 2), "f4"))
np.save(here / "one-dimension.npy", np.arange(5, dtype="i4"))
np.save(here / "objects.npy", np.array([None, "x"], dtype=object), allow_pickle=True)
np.save(here / "structured.npy", np.zeros(2, dtype=[("a", "f4"), ("b", "i4")]))
np.save(here / "complex.npy", np.zeros(2, dtype="c8"))
np.save(here / "text.npy", np.array(["ab", "c"]))
np.save(here / "dates.npy", np.array(["2020-01-01"], dtype="datetime64[D]"))

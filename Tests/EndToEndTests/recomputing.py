"""What the scripts that recompute a result share: many folders in one process, since NumPy takes longer to load than to
compute.

usage of each: check_NAME.py [ARGUMENT...] -- FOLDER...

Prints the normalised mean squared error of each folder's output, a line each, in the order given.
"""

import sys

import numpy


def normalised_error(found, expected):
    assert numpy.isfinite(found).all(), "the output holds values that are not finite"
    assert numpy.abs(expected).max() > 0, "the expected output is all zeros"
    return ((found - expected) ** 2).sum() / (expected**2).sum()


def main(error):
    """`error(folder, *arguments)` is a folder's error."""
    split = sys.argv.index("--")
    for folder in sys.argv[split + 1 :]:
        try:
            print(float(error(folder, *sys.argv[1:split])))
        except Exception:
            print(f"in {folder}:", file=sys.stderr)
            raise

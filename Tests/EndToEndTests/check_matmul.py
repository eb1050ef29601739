"""Recomputes a matrix product with NumPy and compares with the dumped output.

usage: check_matmul.py -- FOLDER...

A FOLDER holds what the strategy read: a.npy and b.npy, or their packed forms, which are unpacked here from the bytes:
integers of 8 bits with a scale a row, or of 4 bits with a scale a block of 32. Prints the normalised mean squared
errors.
"""

import os

import numpy

import recomputing


def error(folder):
    def has(name):
        return os.path.exists(f"{folder}/{name}.npy")

    def load(name):
        return numpy.load(f"{folder}/{name}.npy")

    def eight_bits(name):
        integers = numpy.ascontiguousarray(load(name)).view(numpy.int8).astype(numpy.float64)
        return integers * load(f"{name}_scales").astype(numpy.float64).reshape(-1, 1)

    def four_bits(name):
        packed = numpy.ascontiguousarray(load(name)).view(numpy.uint8)
        integers = numpy.stack([packed & 15, packed >> 4], axis=-1).reshape(packed.shape[0], -1) - 8.0
        return integers * numpy.repeat(load(f"{name}_scales").astype(numpy.float64), 32, axis=1)

    a = eight_bits("a_q8") if has("a_q8") else load("a").astype(numpy.float64)
    if has("b_q8"):
        b = eight_bits("b_q8").T
    elif has("b_q4"):
        b = four_bits("b_q4").T
    else:
        b = load("b").astype(numpy.float64)
    c = load("c").astype(numpy.float64)
    expected = numpy.einsum("mk,kn->mn", a, b)
    return recomputing.normalised_error(c, expected)


if __name__ == "__main__":
    recomputing.main(error)

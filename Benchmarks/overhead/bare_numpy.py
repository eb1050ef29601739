"""The loop that a person would write around a product in NumPy to time it: bare_numpy.py M N K prints the median of
seconds."""

import statistics
import sys
import time

import numpy

BLOCKS, BLOCK_SECONDS = 400, 0.001


def main():
    m, n, k = map(int, sys.argv[1:])
    generator = numpy.random.default_rng(1)
    a = generator.standard_normal((m, k), numpy.float32)
    b = generator.standard_normal((k, n), numpy.float32)
    c = numpy.empty((m, n), numpy.float32)

    def block(count):
        begin = time.perf_counter()
        for _ in range(count):
            numpy.matmul(a, b, out=c)
        return (time.perf_counter() - begin) / count

    block(10)
    count = max(1, round(BLOCK_SECONDS / block(100)))
    print(statistics.median(block(count) for _ in range(BLOCKS)))


main()

"""Medians and intervals over rounds, in each of which both sides ran."""

import numpy


def interval(values, statistic=numpy.median, resamples=4000, seed=1):
    """The 95 % percentile bootstrap interval of a statistic of the rounds."""
    values = numpy.asarray(values)
    generator = numpy.random.default_rng(seed)
    drawn = values[generator.integers(0, len(values), (resamples, len(values)))]
    return tuple(float(x) for x in numpy.percentile(statistic(drawn, axis=1), [2.5, 97.5]))


def normalised_error(found, expected):
    """Σ (x − y)² / Σ y², in float64."""
    found = numpy.asarray(found, dtype=numpy.float64)
    expected = numpy.asarray(expected, dtype=numpy.float64)
    if found.shape != expected.shape:
        return float("inf")
    return float(((found - expected) ** 2).sum() / (expected**2).sum())

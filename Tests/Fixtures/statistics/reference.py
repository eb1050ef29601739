#!/usr/bin/env python3
"""Writes reference.json: figures of SciPy, NumPy and arch that the statistics are tested against.

    python3 -m venv .venv && .venv/bin/pip install numpy scipy arch
    .venv/bin/python Tests/Fixtures/statistics/reference.py > Tests/Fixtures/statistics/reference.json
"""
import json
import sys

import arch
import arch.bootstrap
import numpy as np
import scipy
import scipy.special
import scipy.stats as stats

random = np.random.default_rng(20240607)


def autoregressive(count, coefficient, deviation):
    noise = random.normal(0, deviation, count)
    series = np.zeros(count)
    for i in range(1, count):
        series[i] = coefficient * series[i - 1] + noise[i]
    return 1 + series


SERIES = {
    "even": 1e-3 * (1 + random.normal(0, 0.01, 40)),
    "odd": 1e-3 * (1.03 + random.normal(0, 0.02, 33)),
    "skewed": 1e-3 * (1 + random.exponential(0.05, 60)),
    "ties": np.round(1e-3 * (1 + random.normal(0, 0.01, 50)), 5),
    "tiesToo": np.round(1e-3 * (1.004 + random.normal(0, 0.01, 45)), 5),
    "small": 1e-3 * (1 + random.normal(0, 0.01, 6)),
    "smallToo": 1e-3 * (1.015 + random.normal(0, 0.01, 7)),
    "drifting": autoregressive(300, 0.9, 0.01),
    "alternating": autoregressive(200, -0.5, 0.01),
}


def summary(values):
    return {
        "median": np.median(values),
        "mean": np.mean(values),
        "standardDeviation": np.std(values, ddof=1),
        "quantiles": {str(q): np.quantile(values, q) for q in (0, 0.025, 0.25, 0.5, 0.75, 0.975, 1)},
        "optimalBlockLength": float(arch.bootstrap.optimal_block_length(values)["circular"].iloc[0])
        if len(values) >= 20 else None,
        # Drawn one by one, hence compared for independent series only. Of the median and of the lower quartile.
        "standardErrors": {str(q): stats.bootstrap((values,), lambda x, axis=-1: np.quantile(x, q, axis=axis),
                                                   n_resamples=20000, method="percentile",
                                                   random_state=1).standard_error for q in (0.5, 0.25)},
    }


STUDENT = [(p, d) for p in (0.6, 0.9, 0.975, 0.9993, 0.9999999) for d in (1, 1.5, 2, 4.7, 10, 30, 400)]
result = {
    "madeWith": {"numpy": np.__version__, "scipy": scipy.__version__,
                 "arch": arch.__version__},
    "series": {name: list(values) for name, values in SERIES.items()},
    "summaries": {name: summary(values) for name, values in SERIES.items()},
    "student": [{"probability": p, "degrees": d, "quantile": stats.t.ppf(p, d)} for p, d in STUDENT],
    "beta": [{"x": x, "a": a, "b": b, "value": scipy.special.betainc(a, b, x)}
             for a, b in ((0.5, 0.5), (2, 9), (15.5, 15.5), (700, 300)) for x in (0.01, 0.3, 0.5, 0.7, 0.95)],
    "normal": [{"probability": p, "quantile": stats.norm.ppf(p)} for p in (1e-9, 0.001, 0.025, 0.3, 0.5, 0.9, 0.975)],
}
json.dump(result, sys.stdout, indent=1, default=float)
print()

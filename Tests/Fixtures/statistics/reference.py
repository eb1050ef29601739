#!/usr/bin/env python3
"""Writes reference.json: figures of SciPy, NumPy, statsmodels and arch that the statistics are tested against.

    python3 -m venv .venv && .venv/bin/pip install numpy scipy statsmodels arch
    .venv/bin/python Tests/Fixtures/statistics/reference.py > Tests/Fixtures/statistics/reference.json
"""
import json
import sys

import arch
import arch.bootstrap
import numpy as np
import scipy
import scipy.stats as stats
import statsmodels
from statsmodels.stats.multitest import multipletests

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
        # Drawn one by one and not in blocks, hence compared for independent series only.
        "bootstrap": list(stats.bootstrap((values,), np.median, method="percentile", n_resamples=20000,
                                          random_state=1).confidence_interval),
    }


def mann_whitney(first, second):
    found = stats.mannwhitneyu(SERIES[first], SERIES[second], alternative="two-sided", method="auto")
    return {"first": first, "second": second, "statistic": found.statistic, "pValue": found.pvalue}


def signed_rank(name, differences):
    found = stats.wilcoxon(differences, alternative="greater")
    both = stats.wilcoxon(differences, alternative="two-sided")
    return {"name": name, "differences": list(differences), "statistic": found.statistic, "pValue": both.pvalue}


def ratio(first, second):
    def of_medians(x, y, axis=-1):
        return np.median(x, axis=axis) / np.median(y, axis=axis)

    found = stats.bootstrap((SERIES[first], SERIES[second]), of_medians, method="percentile", n_resamples=20000,
                            random_state=2)
    return {"first": first, "second": second,
            "ratio": np.median(SERIES[first]) / np.median(SERIES[second]),
            "interval": list(found.confidence_interval)}


P_VALUES = [0.001, 0.04, 0.03, 0.005, 0.8, 0.03, 0.0004]
result = {
    "madeWith": {"numpy": np.__version__, "scipy": scipy.__version__, "statsmodels": statsmodels.__version__,
                 "arch": arch.__version__},
    "series": {name: list(values) for name, values in SERIES.items()},
    "summaries": {name: summary(values) for name, values in SERIES.items()},
    "mannWhitney": [mann_whitney(*pair) for pair in
                    [("even", "odd"), ("even", "skewed"), ("ties", "tiesToo"), ("small", "smallToo"),
                     ("small", "even"), ("odd", "odd")]],
    "signedRank": [
        signed_rank("exact", random.normal(0.4, 1, 18)),
        signed_rank("large", random.normal(0.1, 1, 120)),
        signed_rank("ties", np.round(random.normal(0.3, 1, 70), 1)),
    ],
    "ratios": [ratio("even", "odd"), ratio("odd", "skewed")],
    "holm": {"pValues": P_VALUES, "corrected": list(multipletests(P_VALUES, method="holm")[1])},
    "normal": [{"probability": p, "quantile": stats.norm.ppf(p)} for p in (1e-9, 0.001, 0.025, 0.3, 0.5, 0.9, 0.975)],
}
json.dump(result, sys.stdout, indent=1, default=float)
print()

"""Fitting a rising curve from a score to a probability.

Two families are tried: a logistic curve (two numbers) and rising steps through few knots. The
steps are taken only where their cross-validated loss is clearly smaller; either is written as
the points of a broken line.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression, minimize

from bot.answers.calibration import Curve

Floats = NDArray[np.float64]
Fitter = Callable[[Floats, Floats, Floats], Curve]

KNOTS = 8
_LEAST, _MOST = 0.002, 0.998
_SHARES = np.array([0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0])
_CHANCES = np.array([0.01, 0.03, 0.07, 0.15, 0.25, 0.35, 0.5, 0.65, 0.75, 0.85, 0.93, 0.97, 0.99])
_FOLDS = 5
_CLEARLY = 0.97


def fit_share_curve(shares: Floats, true: Floats, weights: Floats) -> Curve:
    """The curve for a share of 1, of which the log odds are what counts."""

    def logistic(x: Floats, y: Floats, w: Floats) -> Curve:
        slope, offset = _logistic(_log_odds(x), y, w)
        return _curve(_SHARES, _sigmoid(slope * _log_odds(_SHARES) + offset))

    return _better(shares, true, weights, logistic)


def fit_odds_curve(odds: Floats, true: Floats, weights: Floats) -> Curve:
    """The curve for a score that is about log odds already."""

    def logistic(x: Floats, y: Floats, w: Floats) -> Curve:
        slope, offset = _logistic(x, y, w)
        if slope <= 0:  # the score says nothing
            return _curve(np.array([0.0, 1.0]), np.full(2, np.average(y, weights=w)))
        return _curve((_log_odds(_CHANCES) - offset) / slope, _CHANCES)

    return _better(odds, true, weights, logistic)


def log_loss(curve: Curve, scores: Floats, true: Floats, weights: Floats) -> float:
    """How badly the curve's probabilities fit; smaller is better."""
    stated = np.clip(np.interp(scores, curve.scores, curve.probabilities), _LEAST, _MOST)
    losses = -(true * np.log(stated) + (1 - true) * np.log(1 - stated))
    return float(np.average(losses, weights=weights))


def _better(x: Floats, y: Floats, w: Floats, logistic: Fitter) -> Curve:
    """The family that loses less on parts that it was not fitted on, fitted on all."""
    fold = np.arange(len(x)) % _FOLDS
    losses = {logistic: 0.0, _steps: 0.0}
    for family in losses:
        for number in range(_FOLDS):
            out = fold == number
            if out.any() and 0 < y[~out].mean() < 1:
                losses[family] += log_loss(family(x[~out], y[~out], w[~out]), x[out], y[out], w[out])
    return (_steps if losses[_steps] < _CLEARLY * losses[logistic] else logistic)(x, y, w)


def _steps(x: Floats, y: Floats, w: Floats) -> Curve:
    """Means of equally full bins, made to rise."""
    order = np.argsort(x, kind="stable")
    parts = [part for part in np.array_split(order, KNOTS) if len(part)]
    centres = np.array([np.average(x[part], weights=w[part]) for part in parts])
    means = np.array([np.average(y[part], weights=w[part]) for part in parts])
    masses = np.array([w[part].sum() for part in parts])
    risen = isotonic_regression(means, weights=masses).x
    return _curve(centres, np.clip(risen, _LEAST, _MOST))


def _logistic(x: Floats, y: Floats, w: Floats) -> tuple[float, float]:
    """Slope (never falling) and offset of the likeliest logistic curve, lightly held to slope 1."""

    def loss(parameters: Floats) -> tuple[float, Floats]:
        slope, offset = parameters
        z = slope * x + offset
        value = float((w * (np.logaddexp(0, z) - y * z)).sum() + 0.5 * (slope - 1) ** 2)
        error = w * (_sigmoid(z) - y)
        return value, np.array([(error * x).sum() + slope - 1, error.sum()])

    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(0, None), (None, None)])
    return float(found.x[0]), float(found.x[1])


def _curve(scores: Floats, probabilities: Floats) -> Curve:
    """Points rounded for writing down; equal scores are one point."""
    points = {round(float(s), 3): round(float(p), 3) for s, p in zip(scores, probabilities, strict=True)}
    return Curve(tuple(points), tuple(points.values()))


def _log_odds(shares: Floats) -> Floats:
    clipped = np.clip(shares, _LEAST, _MOST)
    return np.log(clipped / (1 - clipped))


def _sigmoid(z: Floats) -> Floats:
    result: Floats = 1 / (1 + np.exp(-z))
    return result
